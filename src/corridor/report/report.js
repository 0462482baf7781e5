/* The moving map of the report. Draws numbers that stand in the page; fetches nothing, and writes names as
   text only, so that nothing a scenario says can become markup. */
(function () {
  "use strict";
  var source = document.getElementById("live-data");
  if (!source) return;
  var data = JSON.parse(source.textContent), texts = data.texts;
  var FEW = -1, LEAST = 10, FULL = 0.95, DAY_MS = 240, SVG = "http://www.w3.org/2000/svg";
  var byId = function (id) { return document.getElementById(id); };
  var slider = byId("live-day"), dateBox = byId("live-date"), play = byId("live-play"), status = byId("live-status");
  var list = byId("live-place"), card = byId("live-card");
  var forecast = 0, storyline = "", day = data.start, timer = null, chosen = -1;

  /* --- words ------------------------------------------------------------------------------------ */
  function fill(template, fields) {
    return template.replace(/\{(\w+)\}/g, function (whole, name) { return name in fields ? fields[name] : whole; });
  }
  function number(value) { return value === FEW ? texts.few : value.toLocaleString(data.language); }
  function range(low, high) { return low === high ? number(low) : number(low) + "–" + number(high); }

  /* --- numbers: a series is stored as the days on which it changes, and its values from then on ----- */
  function at(series) {
    var low = 0, high = series.length / 2 - 1;
    while (low < high) {
      var middle = (low + high + 1) >> 1;
      if (series[2 * middle] <= day) low = middle; else high = middle - 1;
    }
    return series[2 * low + 1];
  }
  function half(bands) { return bands ? bands.map(at) : [0, 0, 0]; }
  function view() { return data.views[forecast][storyline]; }

  /* --- drawing ------------------------------------------------------------------------------------ */
  function draw(tag, attributes) {
    var made = document.createElementNS(SVG, tag);
    Object.keys(attributes).forEach(function (name) { made.setAttribute(name, attributes[name]); });
    return made;
  }
  function drawPlace(mark, scale) {
    var row = +mark.dataset.place, shown = view();
    var people = half(shown.people[row])[1], trapped = half(shown.trapped[row])[1], room = at(shown.room[row]);
    var radius = function (count) { return scale.radius * Math.sqrt(Math.max(count, 0) / scale.largest); };
    var parts = [];
    if (trapped >= LEAST) {
      var side = Math.max(radius(trapped) * Math.sqrt(Math.PI), 3);
      parts.push(draw("rect", { "class": "trapped-people", x: -side / 2, y: -side / 2, width: side, height: side }));
    }
    if (room > 0) parts.push(draw("circle", { "class": "room", r: radius(room) }));
    if (people >= LEAST) {
      parts.push(draw("circle", { "class": "people", r: Math.max(radius(people), 1.8) }));
      if (room > 0 && people >= FULL * room) parts.push(draw("circle", { "class": "fullring", r: radius(people) + 0.6 }));
    }
    if (!parts.length) parts.push(draw("circle", { "class": "spot", r: 1.6 }));
    if (row === chosen) parts.push(draw("circle", { "class": "chosen", r: Math.max(radius(Math.max(people, room, trapped)), 4) + 4 }));
    parts.push(draw("circle", { "class": "touch", r: Math.max(radius(Math.max(people, room)), 8) }));
    mark.replaceChildren.apply(mark, parts);
  }
  function drawRoad(mark, scale) {
    var row = +mark.dataset.road, shown = view(), closed = at(shown.closed[row]), flow = at(shown.flow[row]);
    var ends = mark.dataset.ends.split(" ").map(Number), width = 0.8 + scale.road * Math.min(Math.abs(flow) / scale.widest, 2);
    var line = { x1: ends[0], y1: ends[1], x2: ends[2], y2: ends[3] }, x = (ends[0] + ends[2]) / 2, y = (ends[1] + ends[3]) / 2;
    if (closed < 0) { mark.replaceChildren(); return; }
    if (closed) {
      line["class"] = "closed";
      mark.replaceChildren(draw("line", line), draw("path", { "class": "cross", d: "M" + (x - 4) + "," + (y - 4) + "l8,8m0,-8l-8,8" }));
      return;
    }
    line["class"] = flow ? "flow" : "road";
    if (flow) line["stroke-width"] = width.toFixed(1);
    mark.replaceChildren(draw("line", line));
    var length = Math.hypot(ends[2] - ends[0], ends[3] - ends[1]);
    if (!flow || width < 1.6 || length < 26) return;
    var turn = Math.atan2(ends[3] - ends[1], ends[2] - ends[0]) * 180 / Math.PI + (flow > 0 ? 0 : 180);
    mark.appendChild(draw("path", {
      "class": "arrow", d: "M-.6,-1L.8,0L-.6,1Z",
      transform: "translate(" + x + " " + y + ") rotate(" + turn.toFixed(0) + ") scale(" + Math.min(2.4 + 0.7 * width, 8).toFixed(1) + ")"
    }));
  }
  function drawMaps() {
    document.querySelectorAll(".live-map").forEach(function (map) {
      var scale = { largest: +map.dataset.largest, radius: +map.dataset.radius, widest: +map.dataset.widest, road: +map.dataset.road };
      map.querySelectorAll("[data-road]").forEach(function (mark) { drawRoad(mark, scale); });
      map.querySelectorAll("[data-place]").forEach(function (mark) { drawPlace(mark, scale); });
    });
  }

  /* --- telling ------------------------------------------------------------------------------------ */
  function told(template, bands) {
    return fill(template, { range: range(bands[0], bands[2]), middle: number(bands[1]) });
  }
  function most(onMap, count) {
    var shown = view();
    return data.places.map(function (place, row) {
      return { name: place.name, people: at(shown.people[row] ? shown.people[row][1] : [0, 0]), onMap: place.onMap };
    }).filter(function (place) { return place.onMap === onMap && place.people >= LEAST; })
      .sort(function (a, b) { return b.people - a.people; }).slice(0, count)
      .map(function (place) { return fill(texts.person_list, { place: place.name, people: number(place.people) }); });
  }
  function tell() {
    var shown = view(), trapped = half(shown.allTrapped), sentences = [told(texts.displaced, half(shown.displaced))];
    if (trapped[2]) sentences.push(told(texts.trapped, trapped));
    var here = most(true, 4), beyond = most(false, 4);
    if (here.length) sentences.push(fill(texts.most, { places: here.join(", ") }));
    if (beyond.length) sentences.push(fill(texts.beyond, { places: beyond.join(", ") }));
    status.textContent = sentences.join("\n");
    dateBox.textContent = data.dates[day];
    slider.value = day;
    slider.setAttribute("aria-valuetext", data.dates[day]);
  }
  function line(parent, words, strong) {
    var made = document.createElement(strong ? "strong" : "p");
    made.textContent = words;
    made.dir = "auto";
    parent.appendChild(made);
  }
  function showCard() {
    card.replaceChildren();
    card.hidden = chosen < 0;
    if (chosen < 0) return;
    var place = data.places[chosen], shown = view(), room = at(shown.room[chosen]), trapped = half(shown.trapped[chosen]);
    line(card, place.local ? place.name + " · " + place.local : place.name, true);
    line(card, told(texts.people, half(shown.people[chosen])));
    if (trapped[2]) line(card, told(texts.place_trapped, trapped));
    if (room > 0) {
      line(card, fill(texts.room, { room: number(room) }));
      line(card, shown.halfFull[chosen] ? fill(texts.half_full, { date: shown.halfFull[chosen] }) : texts.not_half_full);
    }
    line(card, place.claims > 1 ? fill(texts.claims, { n: place.claims }) : place.claims ? texts.one_claim : texts.no_claims);
  }
  function update() { drawMaps(); tell(); showCard(); }

  /* --- doing ---------------------------------------------------------------------------------------- */
  function go(to) {
    day = Math.min(Math.max(to, 0), data.dates.length - 1);
    update();
  }
  function stop() {
    if (timer) clearInterval(timer);
    timer = null;
    play.textContent = texts.play;
    status.setAttribute("aria-live", "polite");
  }
  function start() {
    if (day === data.dates.length - 1) go(0);
    status.setAttribute("aria-live", "off");
    play.textContent = texts.pause;
    timer = setInterval(function () {
      go(day + 1);
      if (day === data.dates.length - 1) stop();
    }, DAY_MS);
  }
  function choose(row) {
    chosen = row;
    list.value = row < 0 ? "" : String(row);
    update();
  }
  function followable() {
    document.getElementsByName("live-storyline").forEach(function (box) {
      var title = data.storylines[+box.value];
      box.disabled = !(title in data.views[forecast]);
      if (box.disabled && box.checked) { storyline = ""; document.getElementsByName("live-storyline")[0].checked = true; }
    });
  }
  document.getElementsByName("live-forecast").forEach(function (box) {
    box.addEventListener("change", function () { forecast = +box.value; followable(); update(); });
  });
  document.getElementsByName("live-storyline").forEach(function (box) {
    box.addEventListener("change", function () { storyline = data.storylines[+box.value]; update(); });
  });
  slider.addEventListener("input", function () { stop(); go(+slider.value); });
  byId("live-back").addEventListener("click", function () { stop(); go(day - 1); });
  byId("live-on").addEventListener("click", function () { stop(); go(day + 1); });
  play.addEventListener("click", function () { if (timer) stop(); else start(); });
  list.addEventListener("change", function () { choose(list.value === "" ? -1 : +list.value); });
  document.querySelectorAll(".live-map").forEach(function (map) {
    var row = function (event) { var mark = event.target.closest("[data-place]"); return mark ? +mark.dataset.place : -1; };
    map.addEventListener("click", function (event) { choose(row(event)); });
    map.addEventListener("mouseover", function (event) { if (row(event) >= 0 && row(event) !== chosen) choose(row(event)); });
  });
  byId("live").addEventListener("keydown", function (event) {
    var step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!step || event.altKey || event.ctrlKey || event.metaKey || /^(INPUT|SELECT)$/.test(event.target.tagName)) return;
    event.preventDefault();
    stop();
    go(day + (document.documentElement.dir === "rtl" ? -step : step));
  });

  var calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  function calmDown() { if (calm.matches) stop(); play.hidden = calm.matches; }
  calm.addEventListener("change", calmDown);
  calmDown();
  document.documentElement.classList.add("scripted");
  stop();
  go(day);
})();
