// Plays a title's life with TradeTrust's own client (the contract classes of its npm package).
// stdin: {"rpc", "keys": {party: private key}, "registry"?, "id", "life": [{"action", "actor", "args", "remark"}]}
// stdout: {"registry", "factory", "escrow", "gas": [per action], "state"}; a registry is deployed unless given.
const { ethers } = require("ethers");
const contracts = require("@tradetrust-tt/token-registry/contracts");

async function main(asked) {
  const provider = new ethers.JsonRpcProvider(asked.rpc, undefined, { pollingInterval: 20, cacheTimeout: -1 });
  const parties = {};
  for (const [name, key] of Object.entries(asked.keys)) parties[name] = new ethers.Wallet(key, provider);
  const address = (name) => (name === null ? ethers.ZeroAddress : parties[name].address);
  let factory;
  let registry;
  if (asked.registry) {
    registry = contracts.TradeTrustToken__factory.connect(asked.registry, parties.ISSUER);
    factory = contracts.TitleEscrowFactory__factory.connect(await registry.titleEscrowFactory(), parties.ISSUER);
  } else {
    factory = await new contracts.TitleEscrowFactory__factory(parties.ISSUER).deploy();
    await factory.deploymentTransaction().wait();
    registry = await new contracts.TradeTrustToken__factory(parties.ISSUER).deploy("Bills", "EBL", await factory.getAddress());
    await registry.deploymentTransaction().wait();
  }
  const escrow = await factory.getEscrowAddress(await registry.getAddress(), asked.id);
  const gas = [];
  for (const { action, actor, args, remark } of asked.life) {
    const by = parties[actor];
    const title = contracts.TitleEscrow__factory.connect(escrow, by);
    const office = registry.connect(by);
    const sent = await {
      issue: () => office.mint(...args.map(address), asked.id, remark),
      restore: () => office.restore(asked.id, remark),
      burn: () => office.burn(asked.id, remark),
      pause: () => office.pause(remark),
      unpause: () => office.unpause(remark),
    }[action]?.() ?? await title[action](...args.map(address), remark);
    gas.push(Number((await sent.wait()).gasUsed));
  }
  const title = contracts.TitleEscrow__factory.connect(escrow, provider);
  const state = { owner: await registry.ownerOf(asked.id) };
  for (const name of ["beneficiary", "holder", "nominee", "prevBeneficiary", "prevHolder", "active", "remark"]) state[name] = await title[name]();
  return { registry: await registry.getAddress(), factory: await factory.getAddress(), escrow, gas, state };
}

let text = "";
process.stdin.on("data", (part) => (text += part));
process.stdin.on("end", () =>
  main(JSON.parse(text)).then(
    (done) => process.stdout.write(JSON.stringify(done)),
    (error) => { process.stderr.write(String(error)); process.exit(1); },
  ),
);
