// Signs and derives credentials with TradeTrust's own library; no connection is made.
// stdin: {"suites": {suite: did}, "credentials": [{"document": {...}, "show": [pointer]}]}
// stdout: {"dids": {did: document}, "records": [record]}
const fs = require("fs");
const { generateKeyPair } = require("@trustvc/w3c-issuer");
const trustvc = require("@trustvc/trustvc");

const asked = JSON.parse(fs.readFileSync(0, "utf8"));
console.log = console.error;

const made = async (suite, did) => {
  const pair = await generateKeyPair({ type: suite });
  const id = `${did}#multikey-1`;
  const method = { id, type: "Multikey", controller: did, publicKeyMultibase: pair.publicKeyMultibase };
  const key = { "@context": "https://w3id.org/security/multikey/v1", ...method,
    secretKeyMultibase: pair.secretKeyMultibase };
  return { key, document: { id: did, verificationMethod: [method], assertionMethod: [id] } };
};

(async () => {
  const dids = {};
  const records = [];
  for (const [suite, did] of Object.entries(asked.suites)) {
    const { key, document } = await made(suite, did);
    dids[did] = document;
    for (const each of asked.credentials) {
      const result = await trustvc.signW3C({ ...each.document, issuer: did }, key, suite);
      if (!result.signed) throw new Error(`${suite}: ${result.error}`);
      records.push(result.signed);
      records.push((await trustvc.deriveW3C(result.signed, each.show)).derived);
    }
  }
  process.stdout.write(JSON.stringify({ dids, records }), () => process.exit(0));
})();
