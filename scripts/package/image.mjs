/**
 * Container images, without a daemon: an OCI layout (image-spec, “Image Layout”) of both architectures, which podman, containerd and
 * skopeo read; and for `docker load`, which wants to be told of one image in a file of its own (manifest.json), one of each.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { ARCHITECTURES } from './build.mjs';
import { gzip, tar } from './tar.mjs';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

export function makeImages(out, built, shared, about) {
  const { version } = about;
  const images = ARCHITECTURES.map((architecture) => image(architecture, built, shared, about));
  const file = `${out}/tsenter-${version}-image`;
  writeFileSync(`${file}.tar`, layout(images, about));
  for (const each of images)
    writeFileSync(
      `${file}-${each.platform.architecture}.tar`,
      layout([each], about, dockerFiles(each, version)),
    );
}

function image({ debian }, built, shared, { version, time, homepage, license }) {
  const executable = [...built].find(([architecture]) => architecture.debian === debian)?.[1].executable;
  const layer = tar(
    {
      tsenter: { mode: 0o755, content: executable },
      LICENSE: { mode: 0o644, content: shared['share/doc/tsenter/LICENSE'] },
      'THIRD-PARTY-NOTICES': { mode: 0o644, content: shared['share/doc/tsenter/THIRD-PARTY-NOTICES'] },
    },
    time,
  );
  const created = new Date(time * 1000).toISOString().replace('.000', '');
  const platform = { architecture: debian, os: 'linux' };
  const labels = {
    'org.opencontainers.image.created': created,
    'org.opencontainers.image.licenses': license,
    'org.opencontainers.image.source': homepage,
    'org.opencontainers.image.title': 'tsenter',
    'org.opencontainers.image.version': version,
  };
  const config = json({
    created,
    ...platform,
    config: { Env: [`PATH=${PATH}`], Entrypoint: ['/tsenter'], Labels: labels },
    rootfs: { type: 'layers', diff_ids: [digest(layer)] },
    history: [{ created, created_by: 'npm run package' }],
  });
  const packed = gzip(layer);
  const manifest = json({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: [descriptor('application/vnd.oci.image.layer.v1.tar+gzip', packed)],
    annotations: labels,
  });
  return { platform, config, layer: packed, manifest };
}

function layout(images, { version, time }, more = {}) {
  const manifests = images.map(({ platform, manifest }) => ({ ...descriptor(MANIFEST, manifest), platform }));
  const index = json({ schemaVersion: 2, mediaType: INDEX, manifests });
  // What containerd calls it, and what it is called in this layout.
  const annotations = {
    'io.containerd.image.name': `docker.io/library/tsenter:${version}`,
    'org.opencontainers.image.ref.name': version,
  };
  const blobs = [index, ...images.flatMap(({ config, layer, manifest }) => [config, layer, manifest])];
  const files = {
    'oci-layout': json({ imageLayoutVersion: '1.0.0' }),
    'index.json': json({
      schemaVersion: 2,
      mediaType: INDEX,
      manifests: [{ ...descriptor(INDEX, index), annotations }],
    }),
    ...more,
    ...Object.fromEntries(blobs.map((blob) => [blobPath(blob), blob])),
  };
  const directories = ['blobs/', 'blobs/sha256/'].map((path) => [path, { mode: 0o755 }]);
  const entries = Object.entries(files).map(([path, content]) => [path, { mode: 0o644, content }]);
  return tar(Object.fromEntries([...directories, ...entries]), time);
}

function dockerFiles({ config, layer }, version) {
  const told = { Config: blobPath(config), RepoTags: [`tsenter:${version}`], Layers: [blobPath(layer)] };
  return { 'manifest.json': json([told]) };
}

const json = (value) => Buffer.from(JSON.stringify(value));
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');
const digest = (bytes) => `sha256:${hash(bytes)}`;
const blobPath = (bytes) => `blobs/sha256/${hash(bytes)}`;
const descriptor = (mediaType, bytes) => ({ mediaType, digest: digest(bytes), size: bytes.length });
