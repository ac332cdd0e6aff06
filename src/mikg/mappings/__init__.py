"""Links to other graphs, kept as SSSOM tables in graph/links: https://mapping-commons.github.io/sssom/

tables      the files, read and written
links       what they say as plain triples: matches, identities, codes
records     each row as a record with its evidence, and back
faults      what is wrong in them: a part of `mikg check`
coverage    what is linked, what was looked for and not found, what no other graph can have
evidence    each link with its evidence, for pages
candidates  what of another graph could be the same thing, with the features that say so
pages       the addresses of pages elsewhere, read as the terms that they are about
curation    a pair accepted or rejected, written into a table
"""
