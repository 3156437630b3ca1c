"""Questions, and words that articles are looked for by."""

import pytest

from search.answering.asking import is_question


@pytest.mark.parametrize(
    "words",
    [
        "what did Kim promise Belousov",
        "Where will Benedict be buried?",
        "how old is Jill Arroyo",
        "why flight turned back denver",
        "is the bridge still closed",
        "Did the council approve the stadium?",
        "The chain closed 40 shops in May. Who bought the rest?",
        "In which city did the last elephant die",
        "Elizabeth Holmes was found guilty, what was her company about",
        "the US recently launched a website for free delivery of which item?",
        "name the first man on the moon",
        "he was mayor for how many years",
        "whats the fare on the tram",
        "who's the new head of the WHO",
        "WHO SIGNED THE TREATY",
        "didn't the ferry sink twice",
        "will the bridge open again",
        "誰が港を閉めましたか？",
        "من أغلق الميناء؟",
    ],
)
def test_a_question(words: str) -> None:
    assert is_question(words)


@pytest.mark.parametrize(
    "words",
    [
        "England",
        "Golden Heron",
        "wisconsin parade trial",
        "Oreo",
        "bribery?",
        "WHO fever outbreak",
        "a WHO report on mpox",
        "ferry strike november",
        "bank of england rate cut",
        "the man who never lost a ferry",
        "may day parade",
        "will smith slap",
        "can opener recall 2024",
        "what",
        "prime minister resigned this week as unrest persists",
        "",
        "ブラック企業",
    ],
)
def test_words_alone(words: str) -> None:
    assert not is_question(words)
