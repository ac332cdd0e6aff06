"""What the data set, its files, its service and its questions are, in the vocabularies that catalogues and editors read."""
