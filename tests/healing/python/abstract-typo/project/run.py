from abc import ABC, abstractmethod


class Base(ABC):
    @abstractmethod
    def execute(self):
        ...


class Job(Base):
    def exceute(self):
        return "done"


print(Job().execute())
