package silkgate;

import eu.europa.esig.dss.diagnostic.DiagnosticDataFacade;
import eu.europa.esig.dss.diagnostic.jaxb.XmlDiagnosticData;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.policy.ValidationPolicy;
import eu.europa.esig.dss.model.x509.CertificateToken;

import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.simplereport.jaxb.XmlEvidenceRecord;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.executor.signature.DefaultSignatureProcessExecutor;
import eu.europa.esig.dss.validation.policy.ValidationPolicyLoader;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers lines on standard input, one each, tab-separated:
 * "validate ROOT CRL FILE [DETACHED...]" or "decide FILE POLICY"; the answer is
 * "indication sub-indication format" per signature, after "validate" also per evidence record,
 * separated by tabs.
 */
public final class Judge {
  private Judge() {}

  public static void main(String[] args) throws Exception {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] asked = line.split("\t");
      String answer;
      try {
        answer = "decide".equals(asked[0]) ? decide(asked) : validate(asked);
      } catch (Exception | StackOverflowError error) {
        answer = "ERROR " + error.toString().replaceAll("\\s+", " ");
      }
      System.out.println(answer);
      System.out.flush();
    }
  }

  private static String validate(String[] asked) {
    CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
    CertificateToken root = DSSUtils.loadCertificate(new File(asked[1]));
    trusted.addCertificate(root);
    CommonCertificateVerifier verifier = new CommonCertificateVerifier();
    verifier.setTrustedCertSources(trusted);
    verifier.setAIASource(null);
    verifier.setCrlSource(new ExternalResourcesCRLSource(new FileDocument(asked[2])));
    DSSDocument document = new FileDocument(asked[3]);
    SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(document);
    validator.setCertificateVerifier(verifier);
    if (asked.length > 4) {
      List<DSSDocument> detached = new ArrayList<>();
      for (int each = 4; each < asked.length; each++) {
        detached.add(new FileDocument(asked[each]));
      }
      validator.setDetachedContents(detached);
    }
    return withRecords(validator.validateDocument());
  }

  private static String decide(String[] asked) throws Exception {
    XmlDiagnosticData data = DiagnosticDataFacade.newFacade().unmarshall(new File(asked[1]));
    ValidationPolicy policy =
        ValidationPolicyLoader.fromValidationPolicy(new File(asked[2])).create();
    DefaultSignatureProcessExecutor executor = new DefaultSignatureProcessExecutor();
    executor.setDiagnosticData(data);
    executor.setValidationPolicy(policy);
    executor.setCurrentTime(data.getValidationDate());
    return told(executor.execute());
  }

  private static String told(Reports reports) {
    SimpleReport report = reports.getSimpleReport();
    List<String> told = new ArrayList<>();
    for (String id : report.getSignatureIdList()) {
      told.add(
          report.getIndication(id)
              + " "
              + report.getSubIndication(id)
              + " "
              + report.getSignatureFormat(id));
    }
    return String.join("\t", told);
  }

  private static String withRecords(Reports reports) {
    SimpleReport report = reports.getSimpleReport();
    List<String> told = new ArrayList<>(List.of(told(reports)));
    for (String id : report.getSignatureIdList()) {
      for (XmlEvidenceRecord record : report.getSignatureEvidenceRecords(id)) {
        told.add(record.getIndication() + " " + record.getSubIndication() + " EvidenceRecord");
      }
    }
    for (String id : report.getEvidenceRecordIdList()) {
      told.add(report.getIndication(id) + " " + report.getSubIndication(id) + " EvidenceRecord");
    }
    told.remove("");
    return String.join("\t", told);
  }
}
