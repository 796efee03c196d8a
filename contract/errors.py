"""What can be wrong with a message.

ContractError
├── OversizeError      more bytes or entries than one message may carry
├── MalformedError     not JSON, or a field that the contract does not list or allow; names the path
├── TopicError         a topic that is not ours, or one that disagrees with the message on it
└── CodeError          a text that is no enrolment code, or a mistyped one
"""


class ContractError(ValueError):
    """The message breaks the contract."""


class OversizeError(ContractError):
    """The message is larger than the contract allows."""


class MalformedError(ContractError):
    """The payload does not decode into the message that its topic promises."""


class TopicError(ContractError):
    """The topic is not one of the contract's, or does not match the message on it."""


class CodeError(ContractError):
    """A text is no enrolment code."""
