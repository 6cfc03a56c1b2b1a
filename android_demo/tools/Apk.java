import com.android.apksig.ApkSigner;
import com.android.apksig.KeyConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/** Builds the APK of bytecode, resources, libraries and models, aligned and signed. */
public final class Apk {
    private static final List<String> ABIS = List.of("arm64-v8a", "armeabi-v7a", "x86", "x86_64");
    private static final String NAME = "mobilenet-demo";
    private static final String KEY = "androiddebugkey";
    private static final char[] PASSWORD = "android".toCharArray();

    /** Devices with memory pages of 16 KB map a library only if it starts at a multiple of 16 KB. */
    private static final int LIBRARY_ALIGNMENT_BYTES = 16384;

    public static void main(String[] args) throws Exception {
        Options options = Options.of(args);
        List<String> abis = abis(options.text("abi"));
        Path target = options.path("target");
        Path apk = options.path("folder").resolve(abis.equals(ABIS) ? NAME + ".apk" : NAME + "-" + abis.get(0) + ".apk");
        List<Path> dex = Dex.make(options, target.resolve("dex"));

        Path unsigned = target.resolve("unsigned.apk");
        try (Archive archive = new Archive(unsigned)) {
            archive.addAll(target.resolve("resources.apk"));
            for (Path file : dex) archive.add(file.getFileName().toString(), file);
            for (String abi : abis) {
                for (Path libraries : options.paths("libraries")) addFolder(archive, "lib/" + abi + "/", libraries.resolve(abi));
            }
            addFolder(archive, "assets/", target.resolve("assets"));
        }
        Files.createDirectories(apk.getParent());
        Path signed = apk.resolveSibling("." + apk.getFileName() + ".tmp");
        sign(unsigned, signed, options.path("keystore"), Integer.parseInt(options.text("min-sdk")));
        Verify.check(signed);
        Files.move(signed, apk, StandardCopyOption.ATOMIC_MOVE);
    }

    private static List<String> abis(String abi) {
        if (abi.isEmpty()) return ABIS;
        if (ABIS.contains(abi)) return List.of(abi);
        System.err.println("Error: expected one of " + String.join(", ", ABIS) + ", got ABI=" + abi + ".");
        System.exit(1);
        throw new AssertionError();
    }

    private static void addFolder(Archive archive, String prefix, Path folder) throws IOException {
        for (Path file : Dex.files(folder, "")) {
            archive.add(prefix + folder.relativize(file).toString().replace('\\', '/'), file);
        }
    }

    /** Signature schemes v2 and v3; v1 is for versions before Android 7. */
    private static void sign(Path unsigned, Path signed, Path keystore, int minSdk) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream bytes = Files.newInputStream(keystore)) {
            keys.load(bytes, PASSWORD);
        }
        PrivateKey key = (PrivateKey) keys.getKey(KEY, PASSWORD);
        X509Certificate certificate = (X509Certificate) keys.getCertificate(KEY);
        var signer = new ApkSigner.SignerConfig.Builder(KEY, new KeyConfig.Jca(key), List.of(certificate)).build();
        new ApkSigner.Builder(List.of(signer))
                .setInputApk(unsigned.toFile())
                .setOutputApk(signed.toFile())
                .setMinSdkVersion(minSdk)
                .setLibraryPageAlignmentBytes(LIBRARY_ALIGNMENT_BYTES)
                .setV1SigningEnabled(false)
                .setV2SigningEnabled(true)
                .setV3SigningEnabled(true)
                .setV4SigningEnabled(false)
                .build()
                .sign();
    }
}
