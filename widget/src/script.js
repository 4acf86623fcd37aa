define(['jquery'], function ($) {
  'use strict';

  return function () {
    const self = this;
    const words = self.i18n('lines');
    const errors = self.i18n('errors');

    // Only the newest list is shown: an answer to an older question comes too late.
    let question = 0;
    let $place = null;
    let $modal = null;

    const fill = function (text, values) {
      return text.replace(/\{(\w+)\}/g, function (_, name) {
        return values[name];
      });
    };

    const block = function (name, text) {
      return $('<div>')
        .addClass('edna-bridge__' + name)
        .text(text || '');
    };

    const button = function (text, isMain, press) {
      return $('<button type="button">')
        .addClass('edna-bridge__button' + (isMain ? ' edna-bridge__button_main' : ''))
        .text(text)
        .on('click', press);
    };

    // What stands in the field counts before what was saved.
    const address = function () {
      const field = $modal ? $modal.find('input[name="bridge_url"]').val() : '';
      return String(field || self.get_settings().bridge_url || '')
        .trim()
        .replace(/\/+$/, '');
    };

    // A browser lets a page of amoCRM ask nobody without TLS, but the machine it runs on.
    const isAddress = function (text) {
      return /^https:\/\/[^\s/]/.test(text) || /^http:\/\/(127\.0\.0\.1|localhost)(:|$)/.test(text);
    };

    const amojoId = function () {
      const account = APP.constant('account');
      return (account && account.amojo_id) || '';
    };

    const language = function () {
      return APP.lang_id === 'ru' ? 'ru' : 'en';
    };

    const ask = function (path, method, body) {
      return self.$authorizedAjax({
        url: address() + '/widget/v1/lines' + path,
        method: method,
        dataType: 'json',
        timeout: 30000,
        data: body && JSON.stringify(body),
        contentType: body ? 'application/json' : undefined,
      });
    };

    // The bridge says in words what is wrong; where it is not the bridge that answers, or nobody, we do.
    const inWords = function (answer) {
      const said = answer.responseJSON;
      if (said && said.code && said.message) return errors[said.code] || said.message;
      const values = { address: address(), status: answer.status };
      return fill(answer.status ? words.strange : words.unreachable, values);
    };

    const stateKey = function (line) {
      return String(line.state).replace(/-/g, '_');
    };

    const isList = function (answer) {
      return answer && Array.isArray(answer.lines) && Array.isArray(answer.warnings);
    };

    const change = function ($line, line, verb) {
      const asked = question;
      $line.find('button').prop('disabled', true);
      $line.find('.edna-bridge__error').remove();
      const $note = block('note', words.working).appendTo($line);
      ask('/' + line.id + '/' + verb + '?language=' + language(), 'POST', { amojoId: amojoId() })
        .done(function (changed) {
          if (asked === question && changed && changed.id === line.id) {
            $line.replaceWith(show(changed));
          }
        })
        .fail(function (answer) {
          $note.remove();
          $line.find('button').prop('disabled', false);
          $line.append(block('error', inWords(answer)));
        });
    };

    const buttons = function ($line, line) {
      const $buttons = block('buttons');
      const wait = function () {
        $buttons.empty().append(
          line.state === 'connected'
            ? []
            : button(words.connect, true, function () {
                change($line, line, 'connect');
              }),
          line.state === 'switched-off' ? [] : button(words.disconnect, false, makeSure),
        );
      };
      const makeSure = function () {
        $buttons.empty().append(
          block('warning', words.sure),
          button(words.yes, true, function () {
            change($line, line, 'disconnect');
          }),
          button(words.no, false, wait),
        );
      };
      wait();
      return $buttons;
    };

    const show = function (line) {
      const $line = block('line');
      const channels = line.channels.length > 0 ? line.channels.join(', ') : words.all_channels;
      const state = stateKey(line);
      $line.append(
        $('<div>').append(
          $('<span class="edna-bridge__name">').text(line.name),
          $('<span class="edna-bridge__channels">').text(line.messenger + ' · ' + channels),
        ),
        block('state', words[state]).addClass('edna-bridge__state_' + state),
        line.warnings.map(function (warning) {
          return block('warning', warning.text);
        }),
      );
      return $line.append(buttons($line, line));
    };

    const showAll = function ($parts) {
      $place
        .empty()
        .append(
          block('top').append(
            block('title', words.title),
            button(words.refresh, false, refresh).addClass('edna-bridge__refresh'),
          ),
          $parts,
        );
    };

    const refresh = function () {
      question += 1;
      const asked = question;
      if (address() === '') return showAll(block('note', words.no_address));
      if (!isAddress(address())) return showAll(block('error', words.bad_address));
      if (amojoId() === '') return showAll(block('error', words.no_account));
      showAll(block('note', words.loading));
      const query = '?language=' + language() + '&amojoId=' + encodeURIComponent(amojoId());
      ask(query, 'GET')
        .done(function (answer) {
          if (asked !== question) return;
          if (!isList(answer)) return showAll(block('error', inWords({ status: 200 })));
          showAll(
            answer.warnings
              .map(function (warning) {
                return block('warning', warning.text);
              })
              .concat(answer.lines.map(show)),
          );
        })
        .fail(function (answer) {
          if (asked === question) showAll(block('error', inWords(answer)));
        });
    };

    const addStyle = function () {
      const href = self.params.path + '/style.css?v=' + self.get_version();
      if ($('link[href="' + href + '"]').length > 0) return;
      $('head').append($('<link type="text/css" rel="stylesheet">').attr('href', href));
    };

    this.callbacks = {
      render: function () {
        return true;
      },
      init: function () {
        return true;
      },
      bind_actions: function () {
        return true;
      },
      settings: function ($modalBody) {
        addStyle();
        $modal = $modalBody;
        $place = $('<div class="edna-bridge">');
        const $settings = $modalBody.find('.widget_settings_block');
        ($settings.length > 0 ? $settings : $modalBody).append($place);
        $modalBody.find('input[name="bridge_url"]').on('change', refresh);
        refresh();
        return true;
      },
      onSave: function () {
        return true;
      },
      destroy: function () {
        question += 1;
        if ($place) $place.remove();
        $place = null;
        $modal = null;
      },
    };

    return this;
  };
});
