"""The Gradle build says what the Maven build says; the APK of `make apk` is what a phone takes."""

import re
import shutil
import subprocess
import tomllib
import zipfile
from xml.etree import ElementTree

import pytest

import mobilenet_tf
from tests.support.commands import ROOT

DEMO = ROOT / "android_demo"
POM = ElementTree.parse(DEMO / "pom.xml").getroot()
MAVEN = {"m": "http://maven.apache.org/POM/4.0.0"}
CATALOG = tomllib.loads((DEMO / "gradle" / "libs.versions.toml").read_text())
GRADLE = (DEMO / "build.gradle.kts").read_text()
SETTINGS = (DEMO / "settings.gradle.kts").read_text()

APK = ROOT / "build" / "apk" / "mobilenet-demo.apk"
TOOLS = DEMO / "target" / "tools"
EXPORTS = ROOT / "build" / "export"
SOURCES = [DEMO / "pom.xml", DEMO / "proguard-rules.pro", DEMO / "tools", DEMO / "src" / "main", EXPORTS]


def of_maven(path):
    return POM.findtext("/".join(f"m:{name}" for name in path.split("/")), namespaces=MAVEN)


def property_of_maven(name):
    return of_maven(f"properties/{name}")


@pytest.mark.parametrize(
    ("gradle", "maven"),
    [
        ("min-sdk", "min.sdk"),
        ("target-sdk", "target.sdk"),
        ("kotlin", "kotlin.version"),
        ("junit", "junit.version"),
        ("robolectric", "robolectric.version"),
    ],
)
def test_a_version_is_the_same_in_both_builds(gradle, maven):
    assert CATALOG["versions"][gradle] == property_of_maven(maven)


def test_the_app_has_the_package_s_version():
    assert CATALOG["versions"]["app"] == of_maven("version") == mobilenet_tf.__version__


def test_r8_is_the_same_in_both_builds():
    assert re.findall(r"com\.android\.tools:r8:([\d.]+)", SETTINGS) == [property_of_maven("r8.version")]


def test_the_android_api_of_the_compiler_is_the_target():
    names = ElementTree.parse(DEMO / "pom.xml").findall(".//m:artifactId", MAVEN)
    assert any(name.text == "gummy-bears-api-${min.sdk}" for name in names)
    # Android 16 is API level 36.
    assert property_of_maven("android-all.version").split("-")[0] == "16"
    assert property_of_maven("target.sdk") == "36"
    assert "compileSdk = libs.versions.target.sdk" in GRADLE


def test_the_tests_run_on_the_android_that_robolectric_has_for_java_17():
    properties = (DEMO / "src" / "test" / "resources" / "robolectric.properties").read_text()
    # Android 15 is API level 35; Robolectric's Android 16 has classes of Java 21.
    assert property_of_maven("android-all-instrumented.version").split("-")[0] == "15"
    assert "sdk=35\n" in properties


def test_the_gradle_build_takes_a_litert_for_pages_of_16_kb():
    """From 1.4.0 on its libraries are linked for them; 2.x has another API."""
    major, minor, _ = (int(part) for part in CATALOG["versions"]["litert"].split("."))
    assert major == 1
    assert minor >= 4
    libraries = {name: library for name, library in CATALOG["libraries"].items() if name.startswith("litert")}
    assert {name: library["module"] for name, library in libraries.items()} == {
        "litert": "com.google.ai.edge.litert:litert",
        "litert-gpu": "com.google.ai.edge.litert:litert-gpu",
        "litert-gpu-api": "com.google.ai.edge.litert:litert-gpu-api",
    }
    assert all(library["version"] == {"ref": "litert"} for library in libraries.values())


def test_android_16_finds_what_it_asks_of_an_app():
    """Back as a callback, memory pages of 16 KB, any window: no orientation and no fixed size."""
    android = "{http://schemas.android.com/apk/res/android}"
    manifest = ElementTree.parse(DEMO / "src" / "main" / "AndroidManifest.xml").getroot()
    application = manifest.find("application")
    assert application is not None
    assert application.get(f"{android}enableOnBackInvokedCallback") == "true"
    assert application.get(f"{android}pageSizeCompat") == "enabled"
    for activity in application.findall("activity"):
        for name in ("screenOrientation", "resizeableActivity", "minAspectRatio", "maxAspectRatio"):
            assert activity.get(android + name) is None


def test_the_application_is_the_same_in_both_builds():
    application = property_of_maven("application.id")
    assert re.findall(r'(?:namespace|applicationId) = "(.+)"', GRADLE) == [application, application]


def test_both_builds_read_the_same_folders():
    folders = dict(re.findall(r'getByName\("(main|test)"\) \{\s+kotlin\.setSrcDirs\(listOf\("(.+?)"\)\)', GRADLE))
    assert folders == {"main": of_maven("build/sourceDirectory"), "test": of_maven("build/testSourceDirectory")}
    # These are Gradle's by convention.
    assert 'setSrcDirs(listOf("src/test/resources"))' in GRADLE
    for folder in ("src/main/res", "src/main/AndroidManifest.xml", "src/test/resources"):
        assert (DEMO / folder).exists()


def test_both_builds_take_the_same_of_an_export():
    maven = next(e for e in POM.iter(f"{{{MAVEN['m']}}}fileset") if e.get("dir") == "${exports}")
    included = re.search(r"include\((.+)\)", GRADLE)
    assert included is not None
    assert re.findall(r'"(.+?)"', included[1]) == (maven.get("includes") or "").split(",")
    assert f'exclude("{maven.get("excludes")}")' in GRADLE


def test_both_builds_shrink_by_the_same_rules_and_sign_with_the_same_key():
    maven = (DEMO / "pom.xml").read_text()
    for name in ("proguard-rules.pro", "debug.keystore"):
        assert (DEMO / name).is_file()
        assert f'"{name}"' in GRADLE
        assert f"${{project.basedir}}/{name}" in maven


def test_the_manifest_leaves_to_the_builds_what_they_add():
    """aapt2 requires the package in the manifest and Gradle forbids it, so each build adds what it needs."""
    manifest = ElementTree.parse(DEMO / "src" / "main" / "AndroidManifest.xml").getroot()
    assert manifest.get("package") is None
    assert manifest.find("uses-sdk") is None


def test_no_kotlin_file_is_too_long():
    """detekt checks functions, classes and parameters; it has no rule for files."""
    lines = {path.name: len(path.read_text().splitlines()) for path in (DEMO / "src").rglob("*.kt")}
    assert len(lines) > 80
    assert {name: count for name, count in lines.items() if count > 300} == {}


@pytest.fixture(scope="module")
def apk():
    if not APK.is_file() or not TOOLS.is_dir():
        pytest.skip("no APK was built: make apk")
    built = APK.stat().st_mtime
    for source in SOURCES:
        for path in [source, *source.rglob("*")]:
            if path.stat().st_mtime > built:
                pytest.skip(f"the APK is older than {path.relative_to(ROOT)}: make apk")
    return APK


def run(*words, cwd=ROOT):
    return subprocess.run([str(word) for word in words], cwd=cwd, capture_output=True, text=True, check=True).stdout


def test_the_apk_verifies(apk):
    classes = f"{TOOLS}:{DEMO / 'target' / 'archives' / 'apksig.jar'}"
    assert "verifies, by signature schemes v2 and v3" in run("java", "-cp", classes, "Verify", apk)


def test_a_changed_apk_does_not_verify(apk, tmp_path):
    changed = tmp_path / "changed.apk"
    data = bytearray(apk.read_bytes())
    data[len(data) // 2] ^= 1
    changed.write_bytes(data)
    classes = f"{TOOLS}:{DEMO / 'target' / 'archives' / 'apksig.jar'}"
    with pytest.raises(subprocess.CalledProcessError):
        run("java", "-cp", classes, "Verify", changed)


def test_the_apk_says_what_it_starts_needs_and_runs_on(apk):
    badging = run(TOOLS / "aapt2", "dump", "badging", apk)
    application = property_of_maven("application.id")
    version = mobilenet_tf.__version__
    major, minor, patch = (int(part) for part in version.split("."))
    code = 10000 * major + 100 * minor + patch
    assert f"package: name='{application}' versionCode='{code}' versionName='{version}'" in badging
    assert f"launchable-activity: name='{application}.MainActivity'" in badging
    assert "uses-permission: name='android.permission.CAMERA'" in badging
    assert "native-code: 'arm64-v8a' 'armeabi-v7a' 'x86' 'x86_64'" in badging
    assert f"minSdkVersion:'{property_of_maven('min.sdk')}'" in badging
    assert f"targetSdkVersion:'{property_of_maven('target.sdk')}'" in badging
    assert "application-debuggable" not in badging


def data_offset(archive, entry):
    """The position of an entry's bytes: after its local header, with a name and an extra field of their own lengths."""
    archive.fp.seek(entry.header_offset + 26)
    name, extra = archive.fp.read(2), archive.fp.read(2)
    return entry.header_offset + 30 + int.from_bytes(name, "little") + int.from_bytes(extra, "little")


def test_what_a_phone_maps_is_stored_and_aligned(apk):
    alignments = {".so": 16384, ".tflite": 4, ".arsc": 4}
    with zipfile.ZipFile(apk) as archive:
        seen = set()
        for entry in archive.infolist():
            suffix = entry.filename[entry.filename.rfind(".") :]
            if suffix in alignments:
                assert entry.compress_type == zipfile.ZIP_STORED, entry.filename
                assert data_offset(archive, entry) % alignments[suffix] == 0, entry.filename
                seen.add(suffix)
        assert seen == set(alignments)


def test_the_apk_holds_every_export_with_its_golden_vectors(apk):
    with zipfile.ZipFile(apk) as archive:
        names = set(archive.namelist())
        for manifest in EXPORTS.glob("[!.]*/manifest.json"):
            folder = manifest.parent
            for path in [manifest, *folder.glob("*.tflite"), *folder.glob("*.txt"), *folder.glob("golden/*")]:
                entry = f"assets/models/{folder.name}/{path.relative_to(folder)}"
                assert entry in names
                assert archive.read(entry) == path.read_bytes()


def test_what_native_code_and_reflection_look_for_is_kept(apk):
    with zipfile.ZipFile(apk) as archive:
        dex = archive.read("classes.dex")
    for name in ("InterpreterFactoryImpl", "NativeInterpreterWrapper", "TensorImpl", "gpu/GpuDelegate"):
        assert f"Lorg/tensorflow/lite/{name};".encode() in dex, name
    assert b"Lorg/mobilenet_tf/demo/engine/XnnpackThreads;" in dex


def test_each_processor_has_tensorflow_lite_and_what_starts_its_threads(apk):
    with zipfile.ZipFile(apk) as archive:
        libraries = [name.split("/")[1:] for name in archive.namelist() if name.startswith("lib/")]
    names = {abi: {name for other, name in libraries if other == abi} for abi, _ in libraries}
    assert set(names) == {"arm64-v8a", "armeabi-v7a", "x86", "x86_64"}
    for found in names.values():
        assert {"libtensorflowlite_jni.so", "libxnnpack_threads.so"} <= found


def test_gradle_takes_the_native_libraries_that_maven_takes():
    """src/main/jniLibs is Gradle's by convention."""
    assert property_of_maven("jni-libs") == "${project.basedir}/src/main/jniLibs"
    assert "jniLibs" not in GRADLE


def test_only_adb_may_start_the_benchmark():
    manifest = ElementTree.parse(DEMO / "src" / "main" / "AndroidManifest.xml").getroot()
    android = "{http://schemas.android.com/apk/res/android}"
    activities = {entry.get(f"{android}name"): entry for entry in manifest.iter("activity")}
    assert activities[".BenchmarkActivity"].get(f"{android}permission") == "android.permission.DUMP"


def test_a_build_elsewhere_is_the_same_to_the_byte(apk, tmp_path):
    """In a new folder, without files of an earlier build; offline, because the first build has downloaded all."""
    shutil.copytree(DEMO, tmp_path / "android_demo", ignore=shutil.ignore_patterns("target"))
    shutil.copytree(EXPORTS, tmp_path / "build" / "export")
    for makefile in ("Makefile", "experiments/Makefile"):
        (tmp_path / makefile).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / makefile, tmp_path / makefile)
    run("make", "apk", "MAVEN=mvn --offline --batch-mode --quiet --file android_demo/pom.xml", cwd=tmp_path)
    assert (tmp_path / "build" / "apk" / APK.name).read_bytes() == apk.read_bytes()
