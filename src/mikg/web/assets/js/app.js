// What every page has: nothing yet that the page could not do without.
