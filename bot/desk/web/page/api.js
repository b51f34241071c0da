/* The REST side of /api/desk. Errors come as ApiError with the server's Chinese sentence. */

const BASE = "/api/desk";
const OFFLINE = "网络不通，请检查网络后再试。";
const BROKEN = "系统出了点小问题，请稍后再试。";
const TIMEOUT_MS = 20_000;

export class ApiError extends Error {
  constructor(status, code, message, seconds = null) {
    super(message);
    Object.assign(this, { status, code, seconds });
  }
}

/** Called when the session is over while somebody works. */
export const onSignedOut = { handler: null };

async function call(method, path, { body, raw, headers = {}, quiet = false } = {}) {
  let response;
  try {
    response = await fetch(BASE + path, {
      method,
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        "X-Yingda-Desk": "1",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
    });
  } catch {
    throw new ApiError(0, "offline", OFFLINE);
  }
  const answer = await response.json().catch(() => null);
  if (response.ok) return answer;
  const error = answer?.error ?? {};
  const seconds = error.retry_after ?? (Number(response.headers.get("Retry-After")) || null);
  const failure = new ApiError(response.status, error.code ?? "internal", error.message ?? BROKEN, seconds);
  if (failure.code === "not_logged_in" && !quiet) onSignedOut.handler?.(failure);
  throw failure;
}

export const api = {
  get: (path, options) => call("GET", path, options),
  post: (path, body = {}, options = {}) => call("POST", path, { body, ...options }),
  put: (path, body = {}) => call("PUT", path, { body }),
  patch: (path, body = {}) => call("PATCH", path, { body }),
  delete: (path) => call("DELETE", path),
  upload: (path, file) =>
    call("POST", path, {
      raw: file,
      headers: {
        "Content-Type": file.type || "application/octet-stream",
        "X-File-Name": encodeURIComponent(file.name || "image.png"),
      },
    }),
};

export const fileUrl = (file) => `${BASE}/files/${encodeURIComponent(file.id)}`;
export const of = (conversation, rest = "") => `/conversations/${encodeURIComponent(conversation)}${rest}`;
