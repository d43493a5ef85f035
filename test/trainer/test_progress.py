from progress import Progress


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_goes_on_is_said_when_nothing_else_was_for_half_a_minute():
    clock, lines = Clock(), list[str]()
    progress = Progress(lines.append, clock=clock)
    progress.begin("epoch 2/9", 1_000_000, done=500)
    for clock.now in (10.0, 29.0, 31.0, 40.0):
        progress.advance(31_000 - progress.done + 500 if clock.now == 31.0 else 0)
        progress.tick()
    assert lines == ["epoch 2/9: 31,500 of 1,000,000 images, 1,000 images/s"]


def test_another_line_is_a_sign_of_life_too():
    clock, lines = Clock(), list[str]()
    progress = Progress(lines.append, clock=clock)
    clock.now = 29.0
    progress.say("trial 1")
    clock.now = 31.0
    progress.tick()
    assert lines == ["trial 1"]


def test_it_is_said_while_the_program_waits():
    lines: list[str] = []
    with Progress(lines.append, seconds=0.01) as progress:
        progress.begin("decoding images", 0)
        while not lines:
            progress.over.wait(0.001)
    assert lines[0] in ("decoding images ...", "starting ...")
