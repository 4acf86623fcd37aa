import { Refusal } from '../answer.ts';

/** A refusal of OAuth, whose texts are Russian in real bodies. @param hint what is wrong */
export function refuseOauth(status: 400 | 401, hint: string): Refusal {
  const body = {
    hint,
    title: status === 401 ? 'Требуется авторизация' : 'Некорректный запрос',
    type: 'https://developers.amocrm.ru/v3/errors/OAuthProblemJson',
    status,
    detail: 'В запросе отсутствует ряд параметров или параметры невалидны',
  };
  const headers = { 'Content-Type': 'application/problem+json' };
  return new Refusal({ status, body, headers, reason: hint });
}

export function refuseParameter(name: string): Refusal {
  return refuseOauth(400, `Check the \`${name}\` parameter`);
}
