import { pipeline } from 'node:stream/promises';
import { Controller, Get, Logger, Optional, Param, Req, Res } from '@nestjs/common';
import {
  ApiGoneResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import { create as disposition } from 'content-disposition';
import type { Request, Response } from 'express';
import { MediaFault } from '../../domain/media.js';
import { OpenFile, type ServedFile } from '../../use-cases/open-file.js';
import { ServingLimits } from './serving-limits.js';

/** Shown where it is opened; anything else is saved, for a page in it would speak in our name. */
const SHOWN = /^(?:image\/(?!svg)|video\/|audio\/|application\/pdf$|text\/plain$)/;

/**
 * One part of a file. Several would come with marks between them that the type alone tells, and need not be given
 * (RFC 9110 section 14.2).
 */
const ONE_RANGE = /^bytes=(?:(\d{1,15})-(\d{0,15})|-\d{1,15})$/;

/** When it may be tried again: files that are being fetched come to an end all the time. */
const AGAIN_SECONDS = '5';

/** More files are being fetched than there is room for. */
export class TooManyFiles extends Error {
  override readonly name = 'TooManyFiles';
}

/** Files of messages, for the platforms: what a link of ours names, and nothing else. */
@Controller('media')
@ApiTags('media')
export class MediaController {
  private readonly logger = new Logger(MediaController.name);
  private open = 0;

  constructor(
    private readonly openFile: OpenFile,
    @Optional() private readonly limits: ServingLimits = new ServingLimits(),
  ) {}

  @Get(':token/:name')
  @ApiOperation({
    summary: 'A file of a message, whole or in part. Works only where PUBLIC_URL is set',
  })
  @ApiParam({ name: 'token', description: 'Names a message and a time, signed by the bridge' })
  @ApiParam({ name: 'name', description: 'Of the file, for whoever looks at the extension' })
  @ApiOkResponse({ description: 'The file; 206 and 416 where a range was asked for' })
  @ApiGoneResponse({ description: 'The link has expired' })
  @ApiNotFoundResponse({ description: 'No link of this bridge, or the file is gone' })
  @ApiServiceUnavailableResponse({ description: 'Too many files at once' })
  async serve(
    @Param('token') token: string,
    @Param('name') name: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    if (this.open >= this.limits.most) {
      response.set('Retry-After', AGAIN_SECONDS);
      throw new TooManyFiles();
    }
    this.open += 1;
    try {
      await this.pass({ token, name }, request, response);
    } finally {
      this.open -= 1;
    }
  }

  private async pass(
    { token, name }: { readonly token: string; readonly name: string },
    request: Request,
    response: Response,
  ): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const range = rangeIn(request);
    const file = await this.openFile.execute(token, name, { range, signal: gone.signal });
    try {
      response.status(file.status).set(headersOf(file));
      if (request.method === 'HEAD') {
        response.end();
        return;
      }
      // A reader that takes nothing would hold the file for ever: its source is not even asked for more.
      response.setTimeout(this.limits.idleMs, () => void response.destroy());
      await pipeline(file.bytes, response, { signal: AbortSignal.timeout(this.limits.totalMs) });
    } catch (error) {
      // What was promised does not come to its end: the connection is cut, so that nobody takes a part for the whole.
      response.destroy();
      if (error instanceof MediaFault && !gone.signal.aborted) {
        this.logger.warn({ msg: 'a file was cut off', trouble: error.trouble });
      }
    } finally {
      file.close();
    }
  }
}

/** What a part is asked for with; nothing where all of it is to come. */
function rangeIn({ headers }: Request): string | undefined {
  const { range } = headers;
  // "The rest, if it is still the same": we name no version that it could be compared with.
  if (range === undefined || headers['if-range'] !== undefined) return undefined;
  const asked = ONE_RANGE.exec(range);
  if (!asked) return undefined;
  const [, from, to] = asked;
  return from && to && Number(to) < Number(from) ? undefined : range;
}

function headersOf(file: ServedFile): Record<string, string> {
  const { mimeType, fileName, encoding, range, sizeBytes } = file;
  const type = SHOWN.test(mimeType) ? 'inline' : 'attachment';
  return {
    'Content-Type': mimeType,
    'Content-Disposition': disposition(fileName.replace(/[\p{Cc}/\\]+/gu, ' '), { type }),
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Cache-Control': 'private',
    ...(file.acceptsRanges && { 'Accept-Ranges': 'bytes' }),
    ...(sizeBytes !== undefined && { 'Content-Length': String(sizeBytes) }),
    ...(range && { 'Content-Range': range }),
    ...(encoding && { 'Content-Encoding': encoding }),
  };
}
