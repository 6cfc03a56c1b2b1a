import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Makes resources.apk and R.java by aapt2, and writes their paths into Robolectric's configuration. */
public final class Resources {
    private final Options options;
    private final Path target;
    private final String applicationId;

    private Resources(Options options) {
        this.options = options;
        this.target = options.path("target");
        this.applicationId = options.text("id");
    }

    public static void main(String[] args) throws Exception {
        new Resources(Options.of(args)).make();
    }

    private void make() throws IOException, InterruptedException {
        String aapt2 = unpackAapt2().toString();
        Path manifest = withPackage(options.path("sources").resolve("AndroidManifest.xml"));
        Path compiled = target.resolve("resources.zip");
        run(aapt2, "compile", "--dir", options.path("sources").resolve("res").toString(), "-o", compiled.toString());

        Path apk = target.resolve("resources.apk");
        String version = options.text("version");
        run(aapt2, "link", "-o", apk.toString(), "-I", options.text("android"), "--manifest", manifest.toString(),
                "--min-sdk-version", options.text("min-sdk"), "--target-sdk-version", options.text("target-sdk"),
                "--version-code", Integer.toString(versionCode(version)), "--version-name", version,
                "--java", Files.createDirectories(target.resolve("generated")).toString(),
                "--proguard", target.resolve("aapt2-rules.pro").toString(), compiled.toString());
        writeRobolectricConfig(manifest, apk);
    }

    /** 1.2.3 is 10203. */
    private static int versionCode(String version) {
        int code = 0;
        for (String part : version.split("\\.")) code = 100 * code + Integer.parseInt(part);
        return code;
    }

    private Path unpackAapt2() throws IOException {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String name = os.contains("win") ? "windows/aapt2.exe" : os.contains("mac") ? "macosx/aapt2" : "linux/aapt2";
        Path aapt2 = target.resolve("tools").resolve(Path.of(name).getFileName());
        try (ZipFile jar = new ZipFile(options.path("apktool").toFile());
                InputStream bytes = jar.getInputStream(new ZipEntry("prebuilt/" + name))) {
            Files.copy(bytes, aapt2, StandardCopyOption.REPLACE_EXISTING);
        }
        aapt2.toFile().setExecutable(true);
        return aapt2;
    }

    /** aapt2 requires the package in the manifest; Gradle forbids it. */
    private Path withPackage(Path source) throws IOException {
        String text = Files.readString(source);
        String named = text.replaceFirst("<manifest\\s", "<manifest package=\"" + applicationId + "\" ");
        return Files.writeString(target.resolve("AndroidManifest.xml"), named);
    }

    private void writeRobolectricConfig(Path manifest, Path apk) throws IOException {
        Path file = target.resolve("robolectric-classes/com/android/tools/test_config.properties");
        Files.createDirectories(file.getParent());
        List<String> lines = List.of(
                "android_custom_package=" + applicationId,
                "android_merged_assets=" + escaped(target.resolve("assets")),
                "android_merged_manifest=" + escaped(manifest),
                "android_resource_apk=" + escaped(apk));
        Files.write(file, lines);
    }

    private static String escaped(Path path) {
        return path.toString().replace("\\", "\\\\");
    }

    private static void run(String... command) throws IOException, InterruptedException {
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (status != 0) {
            System.err.println("Error: expected resources that aapt2 takes, it ended with status " + status + ", see above.");
            System.exit(1);
        }
    }
}
