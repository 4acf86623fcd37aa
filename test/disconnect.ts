import { requestSignature, md5Of } from '../sandbox/amojo/signature.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';

/** What an administrator does who switches the integration off. */
export async function disconnect(sandbox: Sandbox): Promise<void> {
  const { settings, server } = sandbox.amojo;
  const { channelId, channelSecret, accountId } = settings;
  const body = JSON.stringify({ account_id: accountId });
  const path = `/v2/origin/custom/${channelId}/disconnect`;
  const parts = {
    method: 'DELETE',
    contentMd5: md5Of(body),
    contentType: 'application/json',
    date: new Date().toUTCString(),
    path,
  };
  const headers = {
    Date: parts.date,
    'Content-Type': parts.contentType,
    'Content-MD5': parts.contentMd5,
    'X-Signature': requestSignature(channelSecret, parts),
  };
  await sandbox.post(`${server.url}${path}`, { method: 'DELETE', headers, body });
}
