import { request } from '@octokit/request';

export default async ({ base }) => {
  const api = request.defaults({ baseUrl: base, headers: { authorization: 'token of-the-test' } });
  const created = await api('POST /repos/{owner}/{repo}/issues', {
    owner: 'acme',
    repo: 'tea shop',
    title: 'Größe',
    labels: ['a', 'b'],
  });
  const listed = await api('GET /repos/{owner}/{repo}/issues{?state,labels*}', {
    owner: 'acme',
    repo: 'tea',
    state: 'open',
    labels: ['x', 'y'],
  });
  const missing = await api('GET /gone/{+path}', { path: 'a/b' }).catch(({ name, status, message, response }) => ({
    name,
    status,
    message,
    data: response.data,
  }));
  const raw = await api('GET /raw', { mediaType: { format: 'raw' } });
  const bytes = await api('GET /bytes');
  const unreachable = await request('GET http://127.0.0.1:1/').catch(({ name, status }) => ({ name, status }));
  return {
    created: [created.status, created.headers.location, created.data],
    listed: [listed.url.replace(base, ''), listed.data],
    missing,
    raw: raw.data,
    bytes: [...new Uint8Array(bytes.data)],
    endpoint: api.endpoint('GET /orgs/{org}', { org: 'a b' }).url.replace(base, ''),
    empty: (await api('DELETE /nothing')).data,
    unreachable,
  };
};
