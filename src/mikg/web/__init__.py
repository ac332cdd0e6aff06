"""HTTP in, HTTP out: the Flask application, and the server that runs it."""
