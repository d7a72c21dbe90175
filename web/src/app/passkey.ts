// Passkeys with the browser's own interface; options and answers travel as the WebAuthn JSON forms.
import { localProblem, post, type Answer, type Problem } from '@/api/client';
import type { Passkey, Session } from '@/api/types';

type Json = Record<string, unknown>;

export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

export function toBase64Url(bytes: ArrayBuffer | Uint8Array): string {
  let plain = '';
  for (const byte of new Uint8Array(bytes)) plain += String.fromCharCode(byte);
  return btoa(plain).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

export function passkeysPossible(): boolean {
  return typeof window !== 'undefined' && 'PublicKeyCredential' in window;
}

function withBytes(options: Json): Json {
  const copy: Json = { ...options, challenge: fromBase64Url(String(options.challenge)) };
  const user = options.user as Json | undefined;
  if (user) copy.user = { ...user, id: fromBase64Url(String(user.id)) };
  for (const list of ['excludeCredentials', 'allowCredentials']) {
    const items = options[list] as Json[] | undefined;
    if (items) copy[list] = items.map((item) => ({ ...item, id: fromBase64Url(String(item.id)) }));
  }
  return copy;
}

function credentialJson(credential: PublicKeyCredential): Json {
  const response = credential.response as AuthenticatorAttestationResponse & AuthenticatorAssertionResponse;
  const answer: Json = { clientDataJSON: toBase64Url(response.clientDataJSON) };
  if ('attestationObject' in response) {
    answer.attestationObject = toBase64Url(response.attestationObject);
    answer.transports = response.getTransports?.() ?? [];
  } else {
    const assertion = credential.response as AuthenticatorAssertionResponse;
    answer.authenticatorData = toBase64Url(assertion.authenticatorData);
    answer.signature = toBase64Url(assertion.signature);
    if (assertion.userHandle) answer.userHandle = toBase64Url(assertion.userHandle);
  }
  return {
    id: credential.id,
    rawId: toBase64Url(credential.rawId),
    type: credential.type,
    response: answer,
    clientExtensionResults: credential.getClientExtensionResults(),
    ...(credential.authenticatorAttachment ? { authenticatorAttachment: credential.authenticatorAttachment } : {}),
  };
}

function failure(error: unknown): Problem {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'InvalidStateError') return localProblem('passkey.already-here');
  if (name === 'NotAllowedError' || name === 'AbortError') return localProblem('passkey.not-confirmed');
  return localProblem('passkey.not-possible');
}

export async function createCredential(publicKey: Json): Promise<Answer<Json>> {
  if (!passkeysPossible()) return { ok: false, problem: localProblem('passkey.not-possible') };
  try {
    const made = await navigator.credentials.create({ publicKey: withBytes(publicKey) as unknown as PublicKeyCredentialCreationOptions });
    return { ok: true, data: credentialJson(made as PublicKeyCredential), status: 200 };
  } catch (error) {
    return { ok: false, problem: failure(error) };
  }
}

export async function getCredential(publicKey: Json): Promise<Answer<Json>> {
  if (!passkeysPossible()) return { ok: false, problem: localProblem('passkey.not-possible') };
  try {
    const found = await navigator.credentials.get({ publicKey: withBytes(publicKey) as unknown as PublicKeyCredentialRequestOptions });
    return { ok: true, data: credentialJson(found as PublicKeyCredential), status: 200 };
  } catch (error) {
    return { ok: false, problem: failure(error) };
  }
}

export async function addPasskey(name: string): Promise<Answer<Passkey>> {
  const options = await post<{ publicKey: Json }>('/api/v1/passkeys/options');
  if (!options.ok) return options;
  const credential = await createCredential(options.data.publicKey);
  if (!credential.ok) return credential;
  return post<Passkey>('/api/v1/passkeys', { credential: credential.data, name });
}

/** `reopen` takes back the closing of an account within its thirty days. */
export async function signInByPasskey(reopen = false): Promise<Answer<Session>> {
  const options = await post<{ publicKey: Json }>('/api/v1/login/passkey/options');
  if (!options.ok) return options;
  const credential = await getCredential(options.data.publicKey);
  if (!credential.ok) return credential;
  return post<Session>('/api/v1/login/passkey', { credential: credential.data, ...(reopen ? { reopen } : {}) });
}

/** A name the person will recognise in the list: the kind of device and of browser. */
export function deviceName(agent: string): string {
  const device = /iPhone/.test(agent) ? 'iPhone' : /iPad/.test(agent) ? 'iPad' : /Android/.test(agent) ? 'Android' : /Windows/.test(agent) ? 'Windows' : /Mac/.test(agent) ? 'Mac' : 'Linux';
  const browser = /Edg\//.test(agent) ? 'Edge' : /Firefox/.test(agent) ? 'Firefox' : /Chrome|CriOS/.test(agent) ? 'Chrome' : /Safari/.test(agent) ? 'Safari' : '';
  return `${device} ${browser}`.trim();
}
