// The player alone, for frames of other sites: /embed/APP/STREAM leads here. ?muted=0 begins with sound where the browser
// allows it, ?over=flv chooses the way.

import {Skin} from './controls.js';
import {$} from './dom.js';
import {Player} from './player.js';
import {applyText} from './text.js';
import {streamLabel, streamOfHash} from './urls.js';
import {ways} from './ways.js';
import './theme.js';

const query = new URLSearchParams(location.search);
const video = $('video');
const found = streamOfHash();
const stream = found && {...found, vhost: found.vhost || (query.get('vhost') ?? '')};
video.muted = query.get('muted') !== '0';  // a page that begins with sound by itself is a nuisance
applyText();
let skin = null;
const player = new Player(video, () => skin?.show());
const begin = () => stream && player.play(stream, skin.way);
skin = new Skin($('screen'), video, player, {onWay: () => player.stream && begin(), onAgain: begin});
if (ways[query.get('over')]) skin.way = query.get('over');
if (stream) document.title = $('title').textContent = streamLabel(stream);
begin();
