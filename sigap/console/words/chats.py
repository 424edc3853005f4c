"""What the journal says of conversations on WhatsApp, in the language of whoever reads it."""

from django.utils.translation import gettext as _


def chat_templates() -> dict[str, str]:
    """A sentence for each kind of journal row about them."""
    return {
        "chat.began": _("Somebody writes for the first time"),
        "chat.heard": _("The citizen writes"),
        "chat.said": _("The citizen is answered"),
        "chat.failed": _("A message to the citizen was not delivered"),
        "chat.marked": _("Conversation marked"),
        "chat.moved": _("The citizen has another number"),
        "chat.emergency": _("The citizen asks for 112 by message"),
        "chat.ask_what": _("Asked what happened"),
        "chat.ask_category": _("Asked what it is about"),
        "chat.ask_place": _("Asked where"),
        "chat.ask_right": _("Asked whether it is right"),
        "chat.ask_whose": _("Asked which report it belongs to"),
        "chat.ask_addition": _("Asked what to add"),
        "chat.ask_why": _("Asked what is not solved"),
        "chat.drop": _("Draft dropped"),
        "chat.finish": _("The citizen is done"),
        "chat.keep": _("Draft kept"),
        "chat.take_over": _("A person answers: %(operator)s"),
        "chat.hand_back": _("Handed back to the bot"),
        "chat.hand_back_draft": _("Handed back to the bot, draft kept"),
    }
