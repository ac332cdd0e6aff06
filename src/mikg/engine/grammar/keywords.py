"""The keywords of SPARQL by where they stand, and how many values each function takes."""

FUNCTIONS = {
    **dict.fromkeys(
        [
            "STR",
            "LANG",
            "DATATYPE",
            "ABS",
            "CEIL",
            "FLOOR",
            "ROUND",
            "STRLEN",
            "UCASE",
            "LCASE",
            "ENCODE_FOR_URI",
            "YEAR",
            "MONTH",
            "DAY",
            "HOURS",
        ],
        (1, 1),
    ),
    **dict.fromkeys(
        ["MINUTES", "SECONDS", "TIMEZONE", "TZ", "MD5", "SHA1", "SHA256", "SHA384", "SHA512", "IRI", "URI", "BOUND", "ISIRI", "ISURI"],
        (1, 1),
    ),
    **dict.fromkeys(["ISBLANK", "ISLITERAL", "ISNUMERIC"], (1, 1)),
    **dict.fromkeys(["LANGMATCHES", "CONTAINS", "STRSTARTS", "STRENDS", "STRBEFORE", "STRAFTER", "STRLANG", "STRDT", "SAMETERM"], (2, 2)),
    **dict.fromkeys(["RAND", "NOW", "UUID", "STRUUID"], (0, 0)),
    **{"BNODE": (0, 1), "CONCAT": (0, 99), "COALESCE": (0, 99), "IF": (3, 3), "SUBSTR": (2, 3), "REGEX": (2, 3), "REPLACE": (3, 4)},
}
AGGREGATES = ("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT")
MODIFIERS = ("GROUP", "HAVING", "ORDER", "LIMIT", "VALUES")  # in the order in which they stand; OFFSET may stand on either side of LIMIT
IN_GROUPS = ("OPTIONAL", "MINUS", "GRAPH", "FILTER", "BIND", "VALUES", "UNION", "SELECT")
OPERATORS = frozenset(["||", "&&", "=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/"])
# What belongs to a newer language.
NEWER = frozenset(
    [
        "<<",
        "<<(",
        "{|",
        "~",
        "LATERAL",
        "VERSION",
        "TRIPLE",
        "SUBJECT",
        "PREDICATE",
        "OBJECT",
        "ISTRIPLE",
        "LANGDIR",
        "HASLANG",
        "HASLANGDIR",
        "STRLANGDIR",
        "LTR",
        "RTL",
    ]
)
