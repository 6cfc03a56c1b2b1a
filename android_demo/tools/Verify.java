import com.android.apksig.ApkVerifier;
import java.nio.file.Path;

/** Verifies an APK as `apksigner verify` does: `java -cp target/tools:target/archives/apksig.jar Verify FILE.apk`. */
public final class Verify {
    public static void main(String[] args) throws Exception {
        check(Path.of(args[0]));
        System.out.println(args[0] + " verifies, by signature schemes v2 and v3");
    }

    /** Ends the program with a sentence if Android would refuse the file. */
    static void check(Path apk) throws Exception {
        ApkVerifier.Result result = new ApkVerifier.Builder(apk.toFile()).build().verify();
        if (result.isVerified() && result.isVerifiedUsingV2Scheme() && result.isVerifiedUsingV3Scheme()) return;
        System.err.println("Error: expected signatures v2 and v3 that verify in " + apk + ", got " + result.getAllErrors());
        System.exit(1);
    }
}
