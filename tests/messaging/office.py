"""A stand-in for WhatsApp's office: it counts what is submitted and says what a test wants it to."""

from messaging.providers.memory import Memory
from messaging.wire import SendError, TemplateWord


class Office(Memory):
    """Answer with a word of the test's choice; with `error` set, do not answer at all."""

    def __init__(self) -> None:
        super().__init__()
        self.submitted: list[tuple[str, str, str]] = []
        self.asked = 0
        self.word, self.reason, self.category = "approved", "", ""
        self.error: SendError | None = None

    def register_template(self, *, name: str, language: str, category: str, body: str) -> str:
        if self.error:
            raise self.error
        self.submitted.append((name, language, category))
        return super().register_template(name=name, language=language, category=category, body=body)

    def read_template(self, ref: str) -> TemplateWord:
        self.asked += 1
        if self.error:
            raise self.error
        return TemplateWord(self.word, self.reason, self.category)
