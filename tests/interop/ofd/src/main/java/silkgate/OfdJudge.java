package silkgate;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.ofdrw.core.signatures.SigType;
import org.ofdrw.gm.ses.v4.SESeal;
import org.ofdrw.reader.OFDReader;
import org.ofdrw.sign.ExtendSignatureContainer;
import org.ofdrw.sign.NumberFormatAtomicSignID;
import org.ofdrw.sign.OFDSigner;
import org.ofdrw.sign.SignMode;
import org.ofdrw.sign.signContainer.GBT35275DSContainer;
import org.ofdrw.sign.signContainer.GBT35275PKCS9DSContainer;
import org.ofdrw.sign.signContainer.SESV4Container;
import org.ofdrw.sign.stamppos.NormalStampPos;
import org.ofdrw.sign.verify.OFDValidator;
import org.ofdrw.sign.verify.SignedDataValidateContainer;
import org.ofdrw.sign.verify.container.GBT35275ValidateContainer;
import org.ofdrw.sign.verify.container.SESV4ValidateContainer;

/**
 * Verifies OFD files, or signs one.
 *
 * <p>verify FILE... prints PASSED, or what is wrong, a line for each.
 * sign KIND IN OUT KEY CERTIFICATE SEAL signs by a key (PKCS#8, DER); KIND is seal, whole (a seal
 * that closes the list), digest (GB/T 35275 around the digest), base64 or attributes.
 */
public final class OfdJudge {
    private static final BouncyCastleProvider PROVIDER = new BouncyCastleProvider();

    private OfdJudge() {}

    public static void main(String[] given) throws Exception {
        if (given[0].equals("sign")) {
            sign(given[1], Path.of(given[2]), Path.of(given[3]), container(given));
            return;
        }
        for (int each = 1; each < given.length; each++) {
            System.out.println(verdict(Path.of(given[each])));
        }
    }

    private static String verdict(Path file) {
        SignedDataValidateContainer seal = new SESV4ValidateContainer();
        SignedDataValidateContainer signature = new GBT35275ValidateContainer();
        try (OFDReader reader = new OFDReader(file); OFDValidator validator = new OFDValidator(reader)) {
            validator.setValidator((type, algorithm, described, value) ->
                (type == SigType.Sign ? signature : seal).validate(type, algorithm, described, value));
            validator.exeValidate();
            return "PASSED";
        } catch (Exception refused) {
            return refused.getClass().getSimpleName() + ": " + refused.getMessage();
        }
    }

    private static ExtendSignatureContainer container(String[] given) throws Exception {
        byte[] key = Files.readAllBytes(Path.of(given[4]));
        byte[] encoded = Files.readAllBytes(Path.of(given[5]));
        PrivateKey secret =
            KeyFactory.getInstance("EC", PROVIDER).generatePrivate(new PKCS8EncodedKeySpec(key));
        Certificate certificate =
            CertificateFactory.getInstance("X.509", PROVIDER)
                .generateCertificate(new ByteArrayInputStream(encoded));
        switch (given[1]) {
            case "digest":
                return new GBT35275DSContainer(certificate, secret);
            case "base64":
                GBT35275DSContainer made = new GBT35275DSContainer(certificate, secret);
                made.setEnableFileHashBase64(true);
                return made;
            case "attributes":
                return new GBT35275PKCS9DSContainer(certificate, secret);
            default:
                byte[] seal = Files.readAllBytes(Path.of(given[6]));
                return new SESV4Container(secret, SESeal.getInstance(seal), certificate);
        }
    }

    private static void sign(String kind, Path in, Path out, ExtendSignatureContainer by)
        throws Exception {
        try (OFDReader reader = new OFDReader(in);
            OFDSigner signer = new OFDSigner(reader, out, new NumberFormatAtomicSignID())) {
            signer.setSignMode(kind.equals("whole") ? SignMode.WholeProtected : SignMode.ContinueSign);
            signer.setSignContainer(by);
            if (by.getSignType() == SigType.Seal) {
                signer.addApPos(new NormalStampPos(1, 10, 10, 42, 42));
            }
            signer.exeSign();
        }
    }
}
