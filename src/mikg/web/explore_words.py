"""What the explorer says: the words of its script in the reader's language, names of statuses, sentences of the exploration."""

from flask_babel import gettext, lazy_gettext, ngettext

from mikg.web import marks

STATUSES = {
    "asserted": lazy_gettext("asserted"),
    "planned": lazy_gettext("planned"),
    "hoped": lazy_gettext("hoped for"),
    "claimed": lazy_gettext("claimed"),
    "quoted": lazy_gettext("quoted"),
    "negated": lazy_gettext("said not to be"),
    "reported": lazy_gettext("reported"),
    "possible": lazy_gettext("possible"),
    "committed": lazy_gettext("committed to"),
    "necessary": lazy_gettext("called necessary"),
    "expected": lazy_gettext("expected"),
    "constructed": lazy_gettext("made by the query"),
}
# Sentences of src/mikg/exploration, which knows no language.
SENTENCES = (
    lazy_gettext("Nothing ties these {count} things to each other directly; open one to see what it is tied to."),
    lazy_gettext("{shown} of {size} neighbours are drawn, those that most documents speak of. Open a relation to see all of it."),
    lazy_gettext(
        "This would draw {nodes} things and {edges} relations; beyond {bound} things or {most} relations a drawing shows nothing but a grey "
        "ball. Take away kinds, relations or documents, choose years, or draw the best attested only."
    ),
    lazy_gettext("{name} is “{value}”, which is no year such as 2019; it was left out."),
    lazy_gettext("since {since} is after until {until}; they were exchanged."),
    lazy_gettext("layout is “{value}”; there are {known}."),
    lazy_gettext("no is “{value}”; it takes one of {known}, a colon and a value."),
    lazy_gettext("most is “{value}”, which is no number from 1 to 9999; it was left out."),
    lazy_gettext("The answer names nothing that the network holds; a drawing begins with things such as countries, people or events."),
)
# Every text of assets/js/lib/explore, as it stands there.
WORDS = (
    lazy_gettext("A path of {n} steps"),
    lazy_gettext("Also drawn"),
    lazy_gettext("Begin here"),
    lazy_gettext("Clear all filters"),
    lazy_gettext("Clear all filters, show {n} hidden"),
    lazy_gettext("Communities"),
    lazy_gettext("Copy the text from the field."),
    lazy_gettext("Documents"),
    lazy_gettext("Done again."),
    lazy_gettext("Drawn from"),
    lazy_gettext("From"),
    lazy_gettext("From {name}: choose where to."),
    lazy_gettext("Hide"),
    lazy_gettext("Kinds"),
    lazy_gettext("No passage: it is made by the query or inferred."),
    lazy_gettext("No relation is drawn here."),
    lazy_gettext("No relation is drawn."),
    lazy_gettext("No view is saved in this browser yet."),
    lazy_gettext("Nothing drawn joins {from} and {to}; look in the whole network."),
    lazy_gettext("Nothing is drawn."),
    lazy_gettext("Nothing is selected."),
    lazy_gettext("Nothing lies farther in that direction."),
    lazy_gettext("Nothing to redo."),
    lazy_gettext("Nothing to undo."),
    lazy_gettext("Only what a source asserts is drawn unless you ask for more; the rest is dashed."),
    lazy_gettext("Open"),
    lazy_gettext("Open all"),
    lazy_gettext("Open {relation}: {count}"),
    lazy_gettext("Passages"),
    lazy_gettext("Path from here"),
    lazy_gettext("Pin"),
    lazy_gettext("Reading …"),
    lazy_gettext("Relation"),
    lazy_gettext("Relations"),
    lazy_gettext("Relations as a table"),
    lazy_gettext("Said by"),
    lazy_gettext("Saved as “{name}” in this browser."),
    lazy_gettext("Status"),
    lazy_gettext("The address is copied."),
    lazy_gettext("The address would be too long with the place of each node in it; a saved view keeps them."),
    lazy_gettext("The citation is copied."),
    lazy_gettext("The filters leave nothing to draw."),
    lazy_gettext("The layout failed; the nodes stay where they are."),
    lazy_gettext("The places in the address are of another drawing; the layout is made anew."),
    lazy_gettext("The saved view is drawn."),
    lazy_gettext("The server cannot be reached; what is drawn stays."),
    lazy_gettext("This browser keeps nothing for this site; copy the address instead."),
    lazy_gettext("This drawing is too long for an address. Save the view, or narrow it."),
    lazy_gettext("This is open already."),
    lazy_gettext("To"),
    lazy_gettext("Undone."),
    lazy_gettext("Unpin"),
    lazy_gettext("When"),
    lazy_gettext("Years"),
    lazy_gettext("a decision of ours, no passage"),
    lazy_gettext("all again"),
    lazy_gettext("all connections of {from} and {to}"),
    lazy_gettext("also what bears no date"),
    lazy_gettext("and {n} more in the table"),
    lazy_gettext("back to what was drawn"),
    lazy_gettext("closer, farther, all of it"),
    lazy_gettext("connection {n}: {steps} steps"),
    lazy_gettext("find in the drawing"),
    lazy_gettext("forget"),
    lazy_gettext("forget {name}"),
    lazy_gettext("from year"),
    lazy_gettext("hide"),
    lazy_gettext("in full"),
    lazy_gettext("its page"),
    lazy_gettext("leave the relation, then the selection"),
    lazy_gettext("no date"),
    lazy_gettext("only"),
    lazy_gettext("only {name}"),
    lazy_gettext("open all neighbours of the thing"),
    lazy_gettext("pin or unpin"),
    lazy_gettext("pinned"),
    lazy_gettext("read the passages of the thing or relation"),
    lazy_gettext("read {n} passages"),
    lazy_gettext("read 1 passage"),
    lazy_gettext("release {release}, seen on {day}"),
    lazy_gettext("says {speaker}"),
    lazy_gettext("show all"),
    lazy_gettext("since {start}"),
    lazy_gettext("the next relation of the thing; Shift+E the one before"),
    lazy_gettext("the {n} best attested"),
    lazy_gettext("this help"),
    lazy_gettext("to the nearest thing in that direction"),
    lazy_gettext("to where the drawing begins"),
    lazy_gettext("to year"),
    lazy_gettext("undo; Shift+Backspace does it again"),
    lazy_gettext("unpinned"),
    lazy_gettext("until {end}"),
    lazy_gettext("{asserted}, and {others} not asserted"),
    lazy_gettext("{from} and {to} are {n} steps apart in this drawing."),
    lazy_gettext("{name} is hidden; Backspace brings it back."),
    lazy_gettext("{name}, {kind}; {shown} of {all} relations drawn; {order} of {total}."),
    lazy_gettext("{nodes} things, {edges} relations"),
    lazy_gettext("{n} more"),
    lazy_gettext("{n} more things, {total} in all."),
    lazy_gettext("{n} of {total} passages are shown."),
    lazy_gettext("{n} of {total} relations"),
    lazy_gettext(
        "{order} of {total}: {source}, {relation}, {target}{when}; {status}; passages: {n}, read with Space; an arrow follows it."
    ),
    lazy_gettext("{start} to {end}"),
)


def of_page() -> dict:
    """Return what the script is handed: words, names and shapes of kinds, names of statuses."""
    return {
        "words": {str(each._args[0]): str(each) for each in WORDS},
        "kinds": {kind: str(marks.kind_name(kind)) for kind in marks.SHAPES},
        "shapes": marks.SHAPES,
        "statuses": {name: str(said) for name, said in STATUSES.items()},
    }


def status(name: str) -> str:
    """Return what a status is called."""
    return str(STATUSES.get(name, name))


def around(name: str) -> str:
    return gettext("around %(name)s", name=name)


def alone() -> str:
    return gettext("in no community")


def itself() -> str:
    return gettext("the document itself")


def between(one: str, other: str) -> str:
    return gettext("Connections of %(one)s and %(other)s", one=one, other=other)


def of(name: str, others: int) -> str:
    """Return what a drawing is called that begins with a thing and so many others."""
    if not others:
        return gettext("Connections of %(name)s", name=name)
    return ngettext("Connections of %(name)s and %(num)s other", "Connections of %(name)s and %(num)s others", others, name=name)
