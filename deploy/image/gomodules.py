"""Reads which modules a program in Go was made of. Go writes them into every program; `go version -m` shows the same."""

MAGIC = b"\xff Go buildinf:"
# The two texts begin here, each with its length before it.
TEXTS = 32
# What stands before and after the list of modules.
FENCE = 16


def modules(program):
    """Go's own version, the path of the main module, and (path, version) of every module used."""
    start = program.find(MAGIC)
    if start < 0:
        raise ValueError("not a program in Go, or older than Go 1.18")
    version, after = text(program, start + TEXTS)
    listed, _ = text(program, after)
    main, used = "", []
    for line in listed[FENCE:-FENCE].decode().splitlines():
        word, *fields = line.split("\t")
        if word == "mod":
            main = fields[0]
        elif word == "dep":
            used.append((fields[0], fields[1]))
        elif word == "=>":
            used[-1] = (fields[0], fields[1])
    return version.decode().removeprefix("go"), main, used


def text(program, at):
    """A text after its length, seven bits a byte; and where it ends."""
    length = shift = 0
    while True:
        byte = program[at]
        length |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return program[at : at + length], at + length
