// Verifies records of title with TradeTrust's own library on a local chain; nothing else is contacted.
// stdin: {"rpc": url, "dns": {name: [txt]}, "didweb": {did: document}, "files": [path]}
// stdout: [{"valid": bool, "status": {fragment name: status}}] in the order of the files.
const fs = require("fs");
const { createRequire } = require("module");
const nock = require("nock");
const trustvc = require("@trustvc/trustvc");

const asked = JSON.parse(fs.readFileSync(0, "utf8"));
const { ethers } = createRequire(require.resolve("@trustvc/trustvc"))("ethers");

nock.disableNetConnect();
nock.enableNetConnect(/^127\.0\.0\.1/);

const answer = (name) => {
  const found = asked.dns[name] || [];
  const records = found.map((data) => ({ name, type: 16, TTL: 60, data: `"${data}"` }));
  return { Status: found.length ? 0 : 3, AD: true, Question: [{ name, type: 16 }], Answer: records };
};
for (const [host, path] of [
  ["dns.google", "/resolve"],
  ["cloudflare-dns.com", "/dns-query"],
  ["dns.alidns.com", "/resolve"],
]) {
  nock(`https://${host}`).persist().get(path).query(true)
    .reply(200, (uri) => answer(new URL(uri, `https://${host}`).searchParams.get("name")));
}
// Its list of known stores, asked for with every record of a document store: nobody is on it.
nock("https://opencerts.io").persist().get("/static/registry.json").reply(200, { issuers: {} });
for (const [did, document] of Object.entries(asked.didweb)) {
  const [host, ...rest] = did.split(":").slice(2).map(decodeURIComponent);
  const path = rest.length ? `/${rest.join("/")}/did.json` : "/.well-known/did.json";
  nock(`https://${host}`).persist().get(path).reply(200, document);
}

const verified = async (file, provider) => {
  try {
    const record = JSON.parse(fs.readFileSync(file, "utf8"));
    const fragments = await trustvc.verifyDocument(record, { provider });
    const status = fragments.filter((each) => each.status !== "SKIPPED")
      .map((each) => [each.name, each.status]);
    return { valid: trustvc.isValid(fragments), status: Object.fromEntries(status) };
  } catch (error) {
    return { valid: false, status: { error: String(error.message).slice(0, 200) } };
  }
};

(async () => {
  console.log = console.error;
  const provider = new ethers.providers.JsonRpcProvider(asked.rpc);
  const found = [];
  for (const file of asked.files) found.push(await verified(file, provider));
  process.stdout.write(JSON.stringify(found), () => process.exit(0));
})();
