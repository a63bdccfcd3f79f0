"""Puts the home folder of an OpenSearch server together from what its makers publish as Maven artifacts.

The published zip for integration tests is a server without modules; the modules are published as jars beside it, and
get the descriptors that the full distribution has. Maven is asked for everything, with the machine's own settings.
"""

import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

DEFAULT_VERSION = "3.4.0"
VERSIONS = (DEFAULT_VERSION, "2.19.4")
"""What the program is tested on, the one that counts first; the second also runs on Java 17."""
DEPENDENCY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1"
PLUGINS = "org.opensearch.plugin"
MODULES = {
    "analysis-common": "analysis-common",
    "lang-painless": "lang-painless",
    "mapper-extras": "mapper-extras-client",
    "reindex": "reindex-client",
}
"""Modules that the program or the security plugin needs, and the artifacts they are published as."""
POLICIES = {
    "lang-painless": (
        'java.lang.RuntimePermission "createClassLoader"',
        'java.lang.RuntimePermission "getClassLoader"',
    ),
    "reindex": ('java.net.SocketPermission "*", "connect"', 'java.net.NetPermission "getProxySelector"'),
}
PAINLESS_EXTENSION = "META-INF/services/org.opensearch.painless.spi.PainlessExtension"
RULES = "rule-framework"
RULES_SOURCE = """package org.opensearch.rule;
public class RuleFrameworkPlugin extends org.opensearch.plugins.Plugin
    implements org.opensearch.plugins.ExtensiblePlugin {}
"""
"""The security plugin extends this module since 3.3, but it is not published; an empty one is enough."""
RULES_FROM = (3, 3)
COLLECTIONS = "org.apache.commons:commons-collections4:4.4:jar"
"""Security loads it through that module."""
PATIENCE_S = 900


class CannotAssemble(Exception):
    """A server cannot be put together here; says why and what to do."""


@dataclass(frozen=True)
class Kind:
    """Which server: its version, and whether it has the security plugin."""

    version: str = DEFAULT_VERSION
    security: bool = False

    @property
    def number(self) -> tuple[int, int]:
        """Major and minor version."""
        major, minor = self.version.split(".")[:2]
        return int(major), int(minor)

    @property
    def runtimes(self) -> range:
        """The versions of Java it runs on (2.x needs the security manager, which Java 24 removed)."""
        return range(21, 100) if self.number >= (3, 0) else range(11, 24)

    @property
    def folder(self) -> str:
        """What its home is called."""
        return f"opensearch-{self.version}{'-security' if self.security else ''}"


def cache() -> Path:
    """Where homes are kept between runs; for root a place that the ordinary user it becomes can read."""
    if chosen := os.environ.get("MEIQIA_OPENSEARCH_CACHE"):
        return Path(chosen)
    if os.geteuid() == 0:
        return Path("/var/cache/meiqia-opensearch")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "meiqia-opensearch"


def runnable() -> str:
    """The first of ``VERSIONS`` that this machine has a JDK for; where it has none, the first."""
    return next((each for each in VERSIONS if find_jdk(Kind(each))), DEFAULT_VERSION)


def find_jdk(kind: Kind) -> Path | None:
    """The oldest full JDK on this machine that the server runs on."""
    chosen = [os.environ.get("OPENSEARCH_JAVA_HOME", ""), os.environ.get("JAVA_HOME", "")]
    found = [Path(each) for each in chosen if each] + sorted(Path("/usr/lib/jvm").glob("*"))
    fitting = [home for home in found if java_version(home) in kind.runtimes and (home / "bin/javac").is_file()]
    return min(fitting, key=java_version, default=None)


def java_for(kind: Kind) -> Path:
    """The JDK that the server runs on.

    Raises:
        CannotAssemble: there is none.
    """
    home = find_jdk(kind)
    if not home:
        raise CannotAssemble(
            f"OpenSearch {kind.version} 需要 JDK {kind.runtimes.start} 以上（含 javac），这台机器上没有；"
            "请安装后重试，或用环境变量 OPENSEARCH_JAVA_HOME 指明它在哪里"
        )
    return home


def java_version(home: Path) -> int:
    """The major version of a JDK, 0 where there is none."""
    try:
        found = re.search(r'JAVA_VERSION="(\d+)', (home / "release").read_text())
    except OSError:
        return 0
    return int(found[1]) if found else 0


def assembled(kind: Kind, folder: Path | None = None) -> Path:
    """The home of this server, put together if it is not there yet.

    Raises:
        CannotAssemble: Maven, a JDK or an artifact is missing.
    """
    home = (folder or cache()) / kind.folder
    if not home.is_dir():
        java = java_for(kind)
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent, prefix=".making-") as making:
            made = _assemble(kind, java, Path(making))
            if not home.is_dir():  # another process may have been quicker
                made.rename(home)
    return home


def _assemble(kind: Kind, java: Path, making: Path) -> Path:
    making.chmod(0o755)
    server = _fetch(f"org.opensearch.distribution.integ-test-zip:opensearch:{kind.version}:zip", making)
    _unpack(server, making)
    home = making / f"opensearch-{kind.version}"
    for name, jars in _module_jars(kind, making / "modules").items():
        _add_module(home, kind, name, jars)
    if kind.security:
        _add_security(home, kind, java, making)
    _fit_to_runtime(home, java)
    return home


def _fetch(artifact: str, into: Path) -> Path:
    _maven(f"{DEPENDENCY_PLUGIN}:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={into}")
    _, name, version, packaging = artifact.split(":")
    return into / f"{name}-{version}.{packaging}"


def _maven(*arguments: str) -> None:
    maven = shutil.which("mvn")
    if not maven:
        raise CannotAssemble("没有 Maven（mvn）；请安装后重试，例如在 Debian 上运行：sudo apt-get install maven")
    try:
        done = subprocess.run(
            [maven, "-q", "-B", *arguments], capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise CannotAssemble("Maven 迟迟没有完成；请检查网络后重试") from None
    if done.returncode:
        raise CannotAssemble(f"Maven 没有取到所需的组件；请检查网络后重试：{(done.stdout + done.stderr)[-800:]}")


def _unpack(archive: Path, into: Path) -> None:
    """Unpack with permissions, which ``ZipFile.extractall`` forgets."""
    with zipfile.ZipFile(archive) as content:
        for entry in content.infolist():
            path = Path(content.extract(entry, into))
            mode = entry.external_attr >> 16
            if mode and path.is_file():
                path.chmod(mode & 0o777)


def _module_jars(kind: Kind, work: Path) -> dict[str, Path]:
    """Fetch the modules with what each needs at run time, all in one go: a Maven project with a part per module."""
    for name, artifact in MODULES.items():
        _write_project(work / name, name, f"<dependencies>{_dependency(artifact, kind.version)}</dependencies>")
    parts = "".join(f"<module>{escape(name)}</module>" for name in MODULES)
    _write_project(work, "modules", f"<packaging>pom</packaging><modules>{parts}</modules>")
    _maven("-f", str(work / "pom.xml"), f"{DEPENDENCY_PLUGIN}:copy-dependencies", "-DincludeScope=runtime")
    return {name: work / name / "target/dependency" for name in MODULES}


def _dependency(artifact: str, version: str) -> str:
    return (
        f"<dependency><groupId>{PLUGINS}</groupId><artifactId>{artifact}</artifactId>"
        f"<version>{escape(version)}</version></dependency>"
    )


def _write_project(folder: Path, name: str, body: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pom.xml").write_text(
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        f"<groupId>local</groupId><artifactId>{name}</artifactId><version>1</version>{body}</project>"
    )


def _add_module(home: Path, kind: Kind, name: str, jars: Path) -> None:
    module = home / "modules" / name
    if module.exists():
        return
    module.mkdir(parents=True)
    for jar in jars.glob("*.jar"):
        if not (home / "lib" / jar.name).exists():  # the server refuses a class that it has twice
            shutil.copy(jar, module)
    _describe(module, kind, name, module / f"{MODULES[name]}-{kind.version}.jar")


def _describe(module: Path, kind: Kind, name: str, jar: Path) -> None:
    with zipfile.ZipFile(jar) as content:
        names = content.namelist()
    classes = [each[:-6].replace("/", ".") for each in names if each.endswith("Plugin.class") and "$" not in each]
    if len(classes) != 1:
        raise CannotAssemble(f"OpenSearch {kind.version} 的模块 {name} 与预期不同；请换一个版本")
    facts = {
        "name": name,
        "description": name,
        "version": kind.version,
        "opensearch.version": kind.version,
        "java.version": kind.runtimes.start,
        "classname": classes[0],
    }
    if PAINLESS_EXTENSION in names:
        facts["extended.plugins"] = "lang-painless"
    lines = [f"{key}={value}\n" for key, value in facts.items()]
    (module / "plugin-descriptor.properties").write_text("".join(lines))
    if name in POLICIES:
        grants = "".join(f"  permission {each};\n" for each in POLICIES[name])
        (module / "plugin-security.policy").write_text(f"grant {{\n{grants}}};\n")


def _add_security(home: Path, kind: Kind, java: Path, making: Path) -> None:
    if kind.number >= RULES_FROM:
        _add_rules(home, kind, java, making)
    plugin = home / "plugins/opensearch-security"
    _unpack(_fetch(f"{PLUGINS}:opensearch-security:{kind.version}.0:zip", making), plugin)
    shutil.move(plugin / "config", home / "config/opensearch-security")


def _add_rules(home: Path, kind: Kind, java: Path, making: Path) -> None:
    source, classes = making / "org/opensearch/rule/RuleFrameworkPlugin.java", making / "classes"
    source.parent.mkdir(parents=True)
    source.write_text(RULES_SOURCE)
    module = home / "modules" / RULES
    module.mkdir(parents=True)
    jar = module / f"{RULES}-{kind.version}.jar"
    release = str(kind.runtimes.start)
    _java(java, "javac", "--release", release, "-cp", f"{home}/lib/*", "-d", classes, source)
    _java(java, "jar", "cf", jar, "-C", classes, ".")
    _describe(module, kind, RULES, jar)
    _fetch(COLLECTIONS, module)


def _java(java: Path, program: str, *arguments: str | Path) -> None:
    done = subprocess.run([java / "bin" / program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotAssemble(f"{program} 失败：{done.stderr[-500:]}")


def _fit_to_runtime(home: Path, java: Path) -> None:
    """Take out of the options of Java the modules that this runtime does not have, and files inside the home."""
    listed = subprocess.run([java / "bin/java", "--list-modules"], capture_output=True, text=True, check=True).stdout
    known = {line.split("@")[0] for line in listed.split()}
    options = home / "config/jvm.options"
    lines = options.read_text().splitlines()
    options.write_text("\n".join(line for line in lines if _is_wanted(line, known)) + "\n")


def _is_wanted(option: str, modules: set[str]) -> bool:
    added = re.search(r"--add-modules=(\S+)", option)
    if added:
        return added[1] in modules
    return not re.search(r"-Xlog|HeapDump|ErrorFile|GCLogFile", option)  # the home is shared and not ours to write
