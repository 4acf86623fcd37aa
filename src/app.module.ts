import { Module, type DynamicModule } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { configured } from './config.js';
import { InfrastructureModule } from './infrastructure/infrastructure.module.js';
import { PresentationModule } from './presentation/presentation.module.js';
import { UseCasesModule } from './use-cases/use-cases.module.js';

/** The whole bridge. */
@Module({})
export class AppModule {
  /**
   * @param environment instead of the process's own and `.env`
   * @param mode `at rest` accepts and shows, and works no lane
   * @throws {ConfigError}
   */
  static async with(
    environment?: Readonly<Record<string, string>>,
    mode: 'at work' | 'at rest' = 'at work',
  ): Promise<DynamicModule> {
    const { module, config } = await configured(environment);
    return {
      module: AppModule,
      imports: [
        module,
        LoggerModule.forRoot({
          pinoHttp: { level: config.logLevel, autoLogging: false },
          forRoutes: [],
        }),
        InfrastructureModule,
        UseCasesModule,
        PresentationModule.with(config, mode),
      ],
    };
  }
}
