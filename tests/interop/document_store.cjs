// Prints the deployment code of TradeTrust's document store, from the npm package beside this file.
const { DocumentStore__factory } = require("@trustvc/document-store");
process.stdout.write(DocumentStore__factory.bytecode);
