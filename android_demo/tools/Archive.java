import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** A zip file with bytes that depend only on its entries: all have the same time. */
final class Archive implements AutoCloseable {
    private static final LocalDateTime TIME = LocalDateTime.of(1981, 1, 1, 1, 1, 2);

    /** Files that Android maps into memory, or that are compressed already. */
    private static final List<String> STORED = List.of(".so", ".tflite", ".png", ".arsc");

    private final ZipOutputStream zip;

    Archive(Path path) throws IOException {
        zip = new ZipOutputStream(Files.newOutputStream(path));
    }

    void add(String name, Path file) throws IOException {
        add(name, Files.readAllBytes(file), STORED.stream().anyMatch(name::endsWith));
    }

    /** The entries of another archive, compressed if they are compressed there. */
    void addAll(Path archive) throws IOException {
        try (ZipFile from = new ZipFile(archive.toFile())) {
            for (ZipEntry entry : from.stream().sorted((a, b) -> a.getName().compareTo(b.getName())).toList()) {
                try (InputStream bytes = from.getInputStream(entry)) {
                    add(entry.getName(), bytes.readAllBytes(), entry.getMethod() == ZipEntry.STORED);
                }
            }
        }
    }

    private void add(String name, byte[] bytes, boolean stored) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(TIME);
        if (stored) {
            CRC32 crc = new CRC32();
            crc.update(bytes);
            entry.setMethod(ZipEntry.STORED);
            entry.setSize(bytes.length);
            entry.setCrc(crc.getValue());
        }
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
