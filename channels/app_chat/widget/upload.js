/* One file to the server; refusals come in the server's words. */

const TIMEOUT_MS = 60_000;

export async function upload(server, session, file, t) {
  let response;
  try {
    response = await fetch(new URL("files", server), {
      method: "POST",
      headers: {
        Authorization: `Bearer ${session}`,
        "Content-Type": file.type || "application/octet-stream",
        "X-File-Name": encodeURIComponent(file.name),
      },
      body: file,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new Error(t.uploadFailed);
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new Error(answer?.error?.message ?? t.uploadFailed);
  return answer;
}
