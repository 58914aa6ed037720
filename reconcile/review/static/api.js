// The server's JSON interface.

export class Refused extends Error {
  constructor(code, status) {
    super(code);
    this.code = code;
    this.status = status;
  }
}

async function answer(request) {
  let response;
  try {
    response = await request;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused("no_server", 0);
  }
  if (response.ok) return response.json();
  const said = await response.json().catch(() => ({}));
  const unsaid = response.status >= 500 ? "program_failed" : response.status === 403 ? "restarted" : "refused_now";
  throw new Refused(said.error || unsaid, response.status);
}

export function get(name, values = {}, signal = undefined) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== "") query.set(key, value);
  }
  return answer(fetch(`api/${name}?${query}`, { signal, credentials: "same-origin" }));
}

export function post(name, body) {
  const headers = { "content-type": "application/json" };
  return answer(fetch(`api/${name}`, { method: "POST", headers, body: JSON.stringify(body), credentials: "same-origin" }));
}
