import com.android.tools.r8.CompilationFailedException;
import com.android.tools.r8.CompilationMode;
import com.android.tools.r8.JdkClassFileProvider;
import com.android.tools.r8.OutputMode;
import com.android.tools.r8.R8;
import com.android.tools.r8.R8Command;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Converts the app to Dalvik bytecode by R8, with only the used parts of TensorFlow Lite and Kotlin's library. */
final class Dex {
    private Dex() {}

    /** Writes classes.dex into a folder, and more files if one is too small; returns them in order. */
    static List<Path> make(Options options, Path folder) throws IOException, CompilationFailedException {
        Files.createDirectories(folder);
        for (Path old : files(folder, ".dex")) Files.delete(old);
        R8.run(R8Command.builder()
                .addProgramFiles(files(options.path("classes"), ".class"))
                .addProgramFiles(options.paths("jar"))
                .addLibraryFiles(options.path("android"))
                // android-all holds Android's own classes, not Java's.
                .addLibraryResourceProvider(JdkClassFileProvider.fromSystemJdk())
                .addProguardConfigurationFiles(options.paths("rules"))
                .setMinApiLevel(Integer.parseInt(options.text("min-sdk")))
                .setMode(CompilationMode.RELEASE)
                .setOutput(folder, OutputMode.DexIndexed)
                .build());
        return files(folder, ".dex");
    }

    /** Sorted, so that two builds are the same. */
    static List<Path> files(Path folder, String suffix) throws IOException {
        try (Stream<Path> all = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            return all.filter(Files::isRegularFile).filter(path -> path.toString().endsWith(suffix)).sorted().toList();
        }
    }
}
