"""Whether the chart and the sources of the program say the same: services, their gRPC services, settings, commands."""

import re

# Settings of the program that the chart leaves at their defaults, and why.
LEFT_OUT = {
    "GONGZHI_PG_BIN": "the trial's image has the programs on PATH",
    "GONGZHI_NATS_BIN": "the trial's image has the programs on PATH",
    "GONGZHI_PARTS": "wheels are never fetched in a cluster",
}


def commands_that_are_not(sources, commands):
    """Commands of the chart that the program does not have, or options of them."""
    folder = sources / "services/gongzhi/src"
    enum = (folder / "lib.rs").read_text().split("\nenum Command {")[1].split("\n}")[0]
    known = {found.lower() for found in re.findall(r"^    ([A-Z][A-Za-z]+)(?:\(|,)", enum, flags=re.M)}
    code = "\n".join(path.read_text() for path in folder.rglob("*.rs"))
    options = {found.replace("_", "-") for found in re.findall(r"#\[arg\([^\]]*\blong\b[^\]]*\)\]\s*(?:pub(?:\(crate\))? )?(\w+):", code)}
    for command in commands:
        if command[0] not in known:
            yield f"`gongzhi {' '.join(command)}` is run, and the program has no {command[0]}"
        for option in command[1:]:
            if option.startswith("--") and option.removeprefix("--") not in options:
                yield f"`gongzhi {' '.join(command)}` is run, and the program has no {option}"


def differences(chart, sources, text, commands):
    """Every difference between a chart, its output, and the sources of the program, in words."""
    different = sorted(set(commands_that_are_not(sources, commands)))
    values = (chart / "values.yaml").read_text()
    services = values.split("\nservices:\n")[1].split("\nmigration:\n")[0]
    parts = re.findall(r"^  ([a-z]+):$", services, flags=re.M)
    source = (sources / "services/gongzhi/src/services.rs").read_text()
    enum = source.split("pub enum Name {")[1].split("\n}")[0]
    if sorted(parts) != sorted(found.lower() for found in re.findall(r"^    ([A-Z][a-z]+),", enum, flags=re.M)):
        different.append(f"services of the values are not those of `gongzhi serve`: {parts}")
    own = dict(re.findall(r"^  ([a-z]+):\n((?:    .*\n)+)", services, flags=re.M))
    for part in parts:
        listed = re.search(r"grpc:\s*\[([^\]]*)\]", own[part])
        listed = re.findall(r"\w+", listed.group(1)) if listed else []
        protos = (sources / "proto/gongzhi" / part / "v1").glob("*.proto")
        served = [found for proto in protos for found in re.findall(r"^service (\w+) \{", proto.read_text(), flags=re.M)]
        if sorted(listed) != sorted(served):
            different.append(f"services.{part}.grpc is not what the contracts have: {sorted(set(listed) ^ set(served))}")
    talks = dict(re.findall(r"^    ([a-z]+): \[([^\]]*)\]$", values.split("\n  talks:\n")[1].split("\n  outside:\n")[0], flags=re.M))
    for caller in set(parts) - {"portal"}:
        called = set(re.findall(r"[a-z]+", talks[caller])) & set(parts)
        if called:
            different.append(f"network.talks.{caller}: a service knows no other service, and may not call {sorted(called)}")
    read = set()
    crates = sources / "services"
    settings = [crates / source for source in ("chassis/src/config.rs", "gongzhi/src/up.rs", "embedded/src/parts.rs")]
    for source in [*settings, *(crates / "chassis/src/config").glob("*.rs")]:
        code = source.read_text().split("#[cfg(test)]")[0]
        read |= set(re.findall(r'"(GONGZHI_[A-Z0-9_]+)"', code))
    # What single commands take from the environment, too.
    code = "\n".join(path.read_text() for path in (sources / "services/gongzhi/src").rglob("*.rs"))
    taken = set(re.findall(r'env(?:::var\(| = )"(GONGZHI_[A-Z0-9_]+)"', code))
    given = set(re.findall(r"GONGZHI_[A-Z0-9_]+", text))
    if given - read - taken:
        different.append(f"settings that the program does not read: {sorted(given - read - taken)}")
    if read - given - LEFT_OUT.keys():
        different.append(f"settings of the program that the chart neither gives nor leaves out: {sorted(read - given - LEFT_OUT.keys())}")
    return different
