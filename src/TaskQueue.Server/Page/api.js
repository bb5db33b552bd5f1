// Calls of the server, with the token that this tab keeps.

const tokenKey = 'taskqueue-token';

export class CallError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export const token = {
  get known() { return sessionStorage.getItem(tokenKey); },
  set(value) { sessionStorage.setItem(tokenKey, value); },
  forget() { sessionStorage.removeItem(tokenKey); },
};

/** Calls a route below /api/v1/tasks; throws a CallError with the server's own words. */
export async function call(method, path, query = {}, body = undefined) {
  const address = new URL(`api/v1/tasks/${path}`, document.baseURI);
  for (const [name, value] of Object.entries(query)) {
    if (value !== '' && value !== false && value !== undefined) {
      address.searchParams.set(name, value);
    }
  }

  const headers = token.known ? { Authorization: `Bearer ${token.known}` } : {};
  if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
  }

  let response;
  try {
    response = await fetch(address, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), cache: 'no-store' });
  } catch {
    throw new CallError(0, 'The server cannot be reached.');
  }

  const answer = await response.json().catch(() => null);
  if (!response.ok) {
    throw new CallError(response.status, wordsOf(answer) ?? `The server answered ${response.status}.`);
  }

  return answer;
}

function wordsOf(answer) {
  return Array.isArray(answer?.detail) ? answer.detail.map(each => each.msg).join(' ') : answer?.detail;
}
