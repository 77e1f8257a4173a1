import { generateKeyPairSync, sign } from 'node:crypto';

/** A fresh self-signed certificate for `host` (RFC 5280), as PEM, with its key. Nothing of it is ever written down. */
export function selfSigned(host: string): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaSha256 = der(0x30, oid('2a8648ce3d040302'));
  const name = der(0x30, der(0x31, der(0x30, oid('550403'), der(0x0c, Buffer.from(host)))));
  const validity = der(0x30, time(Date.now() - 86_400_000), time(Date.now() + 86_400_000));
  const alternative = der(0x30, der(0x82, Buffer.from(host)));
  const extensions = der(
    0xa3,
    der(
      0x30,
      der(0x30, oid('551d11'), der(0x04, alternative)),
      der(0x30, oid('551d13'), der(0x01, Buffer.of(0xff)), der(0x04, der(0x30, der(0x01, Buffer.of(0xff))))),
    ),
  );
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    ecdsaSha256,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions,
  );
  const signature = sign('sha256', body, privateKey);
  const certificate = der(0x30, body, ecdsaSha256, der(0x03, Buffer.of(0), signature));
  const lines = certificate.toString('base64').replace(/.{64}/g, '$&\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}

/** One value of DER: a tag, a length, the content. */
function der(tag: number, ...content: Buffer[]): Buffer {
  const bytes = Buffer.concat(content);
  const length =
    bytes.length < 0x80
      ? Buffer.of(bytes.length)
      : bytes.length < 0x100
        ? Buffer.of(0x81, bytes.length)
        : Buffer.of(0x82, bytes.length >> 8, bytes.length & 0xff);
  return Buffer.concat([Buffer.of(tag), length, bytes]);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function time(milliseconds: number): Buffer {
  const text = new Date(milliseconds).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x18, Buffer.from(text));
}
