// Makes a status list, and credentials that are on it, with TradeTrust's own library; no connection.
// stdin: {"did": did, "url": url, "purpose": purpose, "length": bits, "set": [index], "documents": [{...}]}
// stdout: {"dids": {did: document}, "list": record, "records": [record]}
const fs = require("fs");
const nock = require("nock");
const { generateKeyPair } = require("@trustvc/w3c-issuer");
const { createCredentialStatusPayload, StatusList } = require("@trustvc/w3c-credential-status");
const trustvc = require("@trustvc/trustvc");

const asked = JSON.parse(fs.readFileSync(0, "utf8"));
const suite = "ecdsa-sd-2023";
console.log = console.error;
nock.disableNetConnect();

const signed = async (document, key) => {
  const result = await trustvc.signW3C(document, key, suite);
  if (!result.signed) throw new Error(result.error);
  return result.signed;
};

(async () => {
  const pair = await generateKeyPair({ type: suite });
  const id = `${asked.did}#multikey-1`;
  const method = { id, type: "Multikey", controller: asked.did, publicKeyMultibase: pair.publicKeyMultibase };
  const key = { "@context": "https://w3id.org/security/multikey/v1", ...method,
    secretKeyMultibase: pair.secretKeyMultibase };
  const bits = new StatusList({ length: asked.length });
  for (const index of asked.set) bits.setStatus(index, true);
  const subject = { id: `${asked.url}#list`, type: "BitstringStatusList", statusPurpose: asked.purpose,
    encodedList: await bits.encode() };
  const payload = await createCredentialStatusPayload(
    { id: asked.url, credentialSubject: subject }, key, "BitstringStatusListCredential", suite);
  const list = await signed(payload, key);
  const records = [];
  for (const each of asked.documents) records.push(await signed({ ...each, issuer: asked.did }, key));
  const document = { id: asked.did, verificationMethod: [method], assertionMethod: [id] };
  process.stdout.write(JSON.stringify({ dids: { [asked.did]: document }, list, records }), () => process.exit(0));
})().catch((error) => { console.error(error); process.exit(1); });
