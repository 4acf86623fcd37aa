import { pipeline } from 'node:stream/promises';
import { Controller, Get, Logger, Param, Req, Res } from '@nestjs/common';
import {
  ApiGoneResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { create as disposition } from 'content-disposition';
import type { Request, Response } from 'express';
import { MediaFault } from '../../domain/media.js';
import { OpenFile, type ServedFile } from '../../use-cases/open-file.js';

/** Shown where it is opened; anything else is saved, for a page in it would speak in our name. */
const SHOWN = /^(?:image\/(?!svg)|video\/|audio\/|application\/pdf$|text\/plain$)/;

/** Files of messages, for the platforms: what a link of ours names, and nothing else. */
@Controller('media')
@ApiTags('media')
export class MediaController {
  private readonly logger = new Logger(MediaController.name);

  constructor(private readonly openFile: OpenFile) {}

  @Get(':token/:name')
  @ApiOperation({
    summary: 'A file of a message, whole or in part. Works only where PUBLIC_URL is set',
  })
  @ApiParam({ name: 'token', description: 'Names a message and a time, signed by the bridge' })
  @ApiParam({ name: 'name', description: 'Of the file, for whoever looks at the extension' })
  @ApiOkResponse({ description: 'The file; 206 and 416 where a range was asked for' })
  @ApiGoneResponse({ description: 'The link has expired' })
  @ApiNotFoundResponse({ description: 'No link of this bridge, or the file is gone' })
  async serve(
    @Param('token') token: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const { range } = request.headers;
    const file = await this.openFile.execute(token, { range, signal: gone.signal });
    response.status(file.status).set(headersOf(file));
    if (request.method === 'HEAD') {
      file.close();
      response.end();
      return;
    }
    try {
      await pipeline(file.bytes, response);
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
