import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Makes TensorFlow Lite's library for Android on x86_64, the one that is in the APK, loadable by a JVM on Linux: without
 * the versions of Android's symbols and the names of Android's libraries, and with bionic.c as its liblog.so.
 *
 * On another machine, or without a C compiler, it writes why into `missing.txt` instead, and the tests that need the
 * library are skipped for that reason.
 */
public final class JvmLibrary {
    private static final String LIBRARY = "libtensorflowlite_jni.so";
    /** Replaced by functions of bionic.c, whose names begin with a capital. */
    private static final List<String> REPLACED =
            List.of("sysconf", "strerror_r", "vfprintf", "fprintf", "fputc", "fflush", "fclose", "fileno", "fwrite",
                    "memalign", "posix_memalign");
    /** Entries of the dynamic section with the versions of symbols: VERSYM, VERDEF, VERDEFNUM, VERNEED, VERNEEDNUM. */
    private static final Set<Long> VERSIONS = Set.of(0x6ffffff0L, 0x6ffffffcL, 0x6ffffffdL, 0x6ffffffeL, 0x6fffffffL);
    private static final Set<String> ANDROID_LIBRARIES = Set.of("libc.so", "libm.so", "libdl.so");
    private static final long IGNORED = 0x60000000L; // a tag that no loader knows
    private static final long NEEDED = 1, STRINGS = 5, SYMBOLS = 6;
    private static final int SYMBOL_BYTES = 24;

    private final ByteBuffer file;
    private long strings;
    private long symbols;

    private JvmLibrary(byte[] bytes) {
        file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    public static void main(String[] args) throws Exception {
        Options options = Options.of(args);
        Path folder = Files.createDirectories(options.path("folder"));
        Path missing = folder.resolve("missing.txt");
        String compiler = compiler();
        String os = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
        if (!os.equals("Linux on amd64") || compiler == null) {
            String why = "expected Linux on amd64 with a C compiler (cc, gcc or clang), to load Android's library; this is "
                    + os + (compiler == null ? " without one" : "");
            Files.deleteIfExists(folder.resolve(LIBRARY));
            Files.writeString(missing, why);
            return;
        }
        JvmLibrary library = new JvmLibrary(Files.readAllBytes(options.path("library")));
        library.change();
        run(compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-Wl,-soname,liblog.so", "-o",
                folder.resolve("liblog.so").toString(), options.text("shim"), "-Wl,--no-as-needed", "-lm", "-ldl");
        Files.write(folder.resolve(LIBRARY), library.file.array());
        Path threads = options.path("threads");
        Files.copy(threads, folder.resolve(threads.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(missing);
    }

    private static String compiler() {
        for (String name : List.of("cc", "gcc", "clang")) {
            for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
                if (Files.isExecutable(Path.of(folder, name))) return name;
            }
        }
        return null;
    }

    private void change() {
        // A shared library's addresses up to the symbols' end are its positions in the file.
        List<Integer> dynamic = dynamicEntries();
        for (int entry : dynamic) {
            if (file.getLong(entry) == STRINGS) strings = file.getLong(entry + 8);
            if (file.getLong(entry) == SYMBOLS) symbols = file.getLong(entry + 8);
        }
        for (int entry : dynamic) {
            long tag = file.getLong(entry);
            boolean android = tag == NEEDED && ANDROID_LIBRARIES.contains(text(file.getLong(entry + 8)));
            if (android || VERSIONS.contains(tag)) file.putLong(entry, IGNORED);
        }
        rename();
    }

    private List<Integer> dynamicEntries() {
        final int dynamicSegment = 2;
        int headers = (int) file.getLong(32);
        for (int index = 0; index < file.getShort(56); index++) {
            int header = headers + index * file.getShort(54);
            if (file.getInt(header) != dynamicSegment) continue;
            List<Integer> entries = new ArrayList<>();
            int start = (int) file.getLong(header + 8);
            for (int entry = start; file.getLong(entry) != 0; entry += 16) entries.add(entry);
            return entries;
        }
        throw new IllegalStateException("expected a dynamic section in " + LIBRARY + "; there is none");
    }

    /** Capitals for the first letters of REPLACED. Names may share their ends: no other name may change. */
    private void rename() {
        Map<Integer, String> before = names();
        before.forEach((place, name) -> {
            if (!REPLACED.contains(name)) return;
            int position = (int) (strings + place);
            file.put(position, (byte) Character.toUpperCase(name.charAt(0)));
        });
        Map<Integer, String> after = names();
        before.forEach((place, name) -> {
            boolean changed = !after.get(place).equals(name);
            if (changed != REPLACED.contains(name)) throw new IllegalStateException(name + " became " + after.get(place));
        });
    }

    /** The symbols' names by their places in the table of strings, which follows the table of symbols. */
    private Map<Integer, String> names() {
        Map<Integer, String> names = new TreeMap<>();
        int sectionHeaders = (int) file.getLong(40);
        final int dynamicSymbols = 11;
        for (int index = 0; index < file.getShort(60); index++) {
            int header = sectionHeaders + index * file.getShort(58);
            if (file.getInt(header + 4) != dynamicSymbols) continue;
            long end = symbols + file.getLong(header + 32);
            for (long symbol = symbols; symbol < end; symbol += SYMBOL_BYTES) {
                int place = file.getInt((int) symbol);
                names.put(place, text(place));
            }
        }
        return names;
    }

    private String text(long place) {
        int start = (int) (strings + place);
        int end = start;
        while (file.get(end) != 0) end++;
        return new String(file.array(), start, end - start, StandardCharsets.US_ASCII);
    }

    private static void run(String... command) throws IOException, InterruptedException {
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (status == 0) return;
        System.err.println("Error: expected " + command[0] + " to compile bionic.c; it ended with status " + status);
        System.exit(1);
    }
}
