import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Prints the size of each part of an APK: `java -cp target/tools Sizes FILE.apk`. */
public final class Sizes {
    public static void main(String[] args) throws IOException {
        Path apk = Path.of(args[0]);
        Map<String, Long> bytes = new TreeMap<>();
        try (ZipFile zip = new ZipFile(apk.toFile())) {
            zip.stream().forEach(entry -> bytes.merge(part(entry), entry.getCompressedSize(), Long::sum));
        }
        long total = Files.size(apk);
        long models = bytes.getOrDefault("models", 0L);
        long entries = bytes.values().stream().mapToLong(Long::longValue).sum();
        bytes.forEach(Sizes::print);
        print("signature, alignment", total - entries);
        print("total", total);
        print("total, models aside", total - models);
    }

    private static String part(ZipEntry entry) {
        String[] folders = entry.getName().split("/");
        if (folders[0].equals("lib")) return "libraries, " + folders[1];
        if (folders[0].equals("assets")) return "models";
        return entry.getName().endsWith(".dex") ? "dex" : "resources";
    }

    private static void print(String part, long bytes) {
        System.out.printf("%-24s %,12d bytes%n", part, bytes);
    }
}
