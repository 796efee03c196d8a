"""What the door says of a provider that let nobody in."""

from typing import Final

from analytics.definitions import mark

#: What the sign-in page says when somebody comes back without having got in.
REFUSED: Final = {
    "refused": mark("You are signed in there, and not let in here. Ask head office: the log says why."),
    "away": mark("The sign-in service does not answer. Try again in a moment."),
    "over": mark("That took too long, or was asked for in another browser. Try again."),
}
