/**
 * Pods, made as kubelet and crictl make them: through the socket at which the CRI plugin of containerd listens (kubernetes/cri-api,
 * runtime.v1). gRPC is HTTP/2 with a message of protobuf each way; there is no more of either here than these calls need.
 *
 *   cri.mjs SOCKET version          status 0 once it answers
 *   cri.mjs SOCKET image NAME       status 0 if it knows the image
 *   cri.mjs SOCKET pod SPEC         make a pod and start its containers; SPEC is JSON:
 *                                   {namespace, name, hostname, cgroup, image, env, containers: {NAME: [WORD...]}}
 *   cri.mjs SOCKET restart SPEC NAME
 *                                   another container in place of the one of that pod, as kubelet restarts it
 *   cri.mjs SOCKET list             what it says of all sandboxes and containers, as JSON: [{kind, name, id, pid}]
 *   cri.mjs SOCKET remove           remove all pods
 */
import { connect } from 'node:http2';
import { createConnection } from 'node:net';

const CONTAINER = 1; // NamespaceMode, where POD is 0 and left out
const OF_A_LENGTH = 2;

const [socket = '', action = '', ...words] = process.argv.slice(2);
const session = connect('http://localhost', { createConnection: () => createConnection(socket) });
session.on('error', () => undefined); // each call says it

try {
  const result = await { version, image, pod, restart, list, remove }[action](...words);
  if (result !== undefined) console.log(JSON.stringify(result));
} catch (error) {
  console.error(`cri.mjs ${action}: ${error.message}`);
  process.exitCode = 1;
}
session.close();

async function version() {
  await call('Runtime', 'Version', []);
}

async function image(name) {
  const { 1: found } = fieldsOf(await call('Image', 'ImageStatus', [[1, [[1, name]]]]));
  if (!found) throw new Error(`${name} is not known`);
}

async function pod(text) {
  const spec = JSON.parse(text);
  const sandbox = textAt(await call('Runtime', 'RunPodSandbox', [[1, sandboxConfig(spec)]]), 1);
  for (const name of Object.keys(spec.containers)) await start(sandbox, spec, name, 0);
}

async function restart(text, name) {
  const spec = JSON.parse(text);
  const { 1: containers } = fieldsOf(await call('Runtime', 'ListContainers', []));
  const old = containers.find((one) => textAt(one, 3, 1) === name);
  await call('Runtime', 'StopContainer', [[1, textAt(old, 1)]]);
  await call('Runtime', 'RemoveContainer', [[1, textAt(old, 1)]]);
  await start(textAt(old, 2), spec, name, 1);
}

async function list() {
  const all = async (kind, listed, status) => {
    const { 1: found = [] } = fieldsOf(await call('Runtime', listed, []));
    return Promise.all(found.map(async (one) => ({ kind, ...(await told(status, textAt(one, 1))) })));
  };
  return [
    ...(await all('sandbox', 'ListPodSandbox', 'PodSandboxStatus')),
    ...(await all('container', 'ListContainers', 'ContainerStatus')),
  ];
}

/** The process is in what is said only to those who ask for more. Of both kinds the fields have the same numbers. */
async function told(status, id) {
  const answer = await call('Runtime', status, [
    [1, id],
    [2, 1],
  ]);
  const { 2: entries } = fieldsOf(answer);
  const info = entries.find((entry) => textAt(entry, 1) === 'info');
  return { name: textAt(answer, 1, 2, 1), id, pid: JSON.parse(textAt(info, 2)).pid };
}

async function remove() {
  const { 1: sandboxes = [] } = fieldsOf(await call('Runtime', 'ListPodSandbox', []));
  for (const sandbox of sandboxes) {
    const id = textAt(sandbox, 1);
    await call('Runtime', 'StopPodSandbox', [[1, id]]);
    await call('Runtime', 'RemovePodSandbox', [[1, id]]);
  }
}

function sandboxConfig({ namespace, name, hostname, cgroup }) {
  const metadata = [
    [1, name],
    [2, `${namespace}-${name}`],
    [3, namespace],
  ];
  return [
    [1, metadata],
    [2, hostname],
    [8, [[1, cgroup]]],
  ];
}

async function start(sandbox, spec, name, attempt) {
  const container = [
    [
      1,
      [
        [1, name],
        [2, attempt],
      ],
    ],
    [2, [[1, spec.image]]],
    ...spec.containers[name].map((word) => [3, word]),
    [5, '/home/app'],
    ...Object.entries(spec.env).map(([key, value]) => [
      6,
      [
        [1, key],
        [2, value],
      ],
    ]),
    [15, [[2, [[3, [[2, CONTAINER]]]]]]],
  ];
  const request = [
    [1, sandbox],
    [2, container],
    [3, sandboxConfig(spec)],
  ];
  await call('Runtime', 'StartContainer', [
    [1, textAt(await call('Runtime', 'CreateContainer', request), 1)],
  ]);
}

/** A call with one message each way: a byte that says "not compressed", the length, and the message. */
function call(service, method, message) {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': `/runtime.v1.${service}Service/${method}`,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const parts = [];
    const end = {};
    // What fails at once is said where the trailers would be.
    stream.on('response', (headers) => Object.assign(end, headers));
    stream.on('trailers', (trailers) => Object.assign(end, trailers));
    stream.on('data', (part) => parts.push(part));
    stream.on('error', reject);
    stream.on('end', () => {
      if (end['grpc-status'] === '0') resolve(Buffer.concat(parts).subarray(5));
      else reject(new Error(`${method}: ${decodeURIComponent(end['grpc-message'] ?? 'no answer')}`));
    });
    const body = encoded(message);
    const head = Buffer.alloc(5);
    head.writeUInt32BE(body.length, 1);
    stream.end(Buffer.concat([head, body]));
  });
}

/** Fields, each its number and its value: a number, a text, or the fields of another message. */
function encoded(fields) {
  const parts = fields.map(([number, value]) => {
    if (typeof value === 'number') return Buffer.concat([varint(number << 3), varint(value)]);
    const bytes = typeof value === 'string' ? Buffer.from(value) : encoded(value);
    return Buffer.concat([varint((number << 3) | OF_A_LENGTH), varint(bytes.length), bytes]);
  });
  return Buffer.concat(parts);
}

function varint(number) {
  const bytes = [];
  for (let rest = number; ; rest >>>= 7) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 127) | 128);
  }
}

/** By number, in their order; what is neither a text nor a message is left out. */
function fieldsOf(bytes) {
  const fields = {};
  let at = 0;
  const next = () => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      scale *= 128;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = next();
    const [number, type] = [tag >> 3, tag & 7];
    const length = next();
    if (type === 0) continue;
    if (type !== OF_A_LENGTH) throw new Error(`field ${number} is of type ${type}`);
    fields[number] = [...(fields[number] ?? []), bytes.subarray(at, at + length)];
    at += length;
  }
  return fields;
}

function textAt(bytes, ...path) {
  return path.reduce((part, number) => fieldsOf(part)[number]?.[0] ?? Buffer.alloc(0), bytes).toString();
}
