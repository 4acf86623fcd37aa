import { applyDecorators } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBody,
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiPayloadTooLargeResponse,
  ApiServiceUnavailableResponse,
  ApiUnauthorizedResponse,
  getSchemaPath,
} from '@nestjs/swagger';

type Form = new () => object;

/** How a webhook stands at /docs: the forms it takes, bodies to try, and every answer it may give. */
export function Documented(about: {
  readonly summary: string;
  readonly forms: readonly Form[];
  readonly examples: Readonly<
    Record<string, { readonly summary: string; readonly value: unknown }>
  >;
}): MethodDecorator {
  const oneOf = about.forms.map((form) => ({ $ref: getSchemaPath(form) }));
  return applyDecorators(
    ApiOperation({ summary: about.summary }),
    ApiExtraModels(...about.forms),
    ApiBody({ schema: { oneOf }, examples: about.examples }),
    ApiOkResponse({ description: 'It is safe.', schema: { example: { code: 'ok' } } }),
    ApiBadRequestResponse({ description: 'It is not JSON.' }),
    ApiUnauthorizedResponse({ description: 'The token or the signature does not fit.' }),
    ApiPayloadTooLargeResponse({ description: 'It is larger than 1 MiB.' }),
    ApiServiceUnavailableResponse({ description: 'It could not be kept: send it again.' }),
  );
}
