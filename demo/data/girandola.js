// Fills Girandola's pages: the list of a zone, or one advert.
(async () => {
  const app = document.getElementById("app");
  const query = new URLSearchParams(location.search);
  const node = (tag, kind, text) => {
    const made = document.createElement(tag);
    if (kind) made.className = kind;
    if (text !== undefined && text !== null) made.textContent = text;
    return made;
  };
  const card = (advert) => {
    const box = node("div", "annuncio-js" + (advert.top ? " in-alto" : ""));
    box.dataset.codice = advert.id;
    const head = node("a", "nome-annuncio", advert.titolo);
    head.href = "/annuncio/" + advert.id;
    box.append(head, node("span", "persona", advert.nome || ""));
    if (advert.top) box.append(node("em", "stella", "In alto"));
    if (advert.eta) box.append(node("span", "anni", advert.eta + " anni"));
    box.append(node("span", "luogo", advert.citta + " (" + advert.provincia + ")"));
    if (advert.prezzo) box.append(node("span", "quota", advert.prezzo));
    const text = node("div", "testo-annuncio");
    for (const line of advert.testo.split("\n")) text.append(node("p", "", line));
    box.append(text);
    for (const number of advert.telefoni) {
      const link = node("a", "contatto", advert.canale === "wa" ? "Scrivi" : "Chiama");
      link.href = advert.canale === "wa" ? "https://wa.me/" + number.slice(1) : "tel:" + number;
      box.append(link);
    }
    box.append(node("span", "quando", advert.quando));
    return box;
  };
  const detail = location.pathname.match(/^\/annuncio\/([a-z0-9]+)$/);
  app.replaceChildren();
  if (detail) {
    const answer = await (await fetch("/api/annuncio/" + detail[1])).json();
    app.append(card(answer.annuncio));
    app.dataset.pronto = "annuncio";
    return;
  }
  const zone = query.get("zona");
  const page = query.get("pagina") || "1";
  const answer = await (await fetch(`/api/annunci?zona=${zone}&pagina=${page}`)).json();
  app.append(node("h1", "", "Zona " + zone), node("p", "totale", answer.totale + " annunci"));
  for (const advert of answer.annunci) app.append(card(advert));
  if (!answer.annunci.length) app.append(node("p", "niente", "Nessun annuncio."));
  if (answer.pagina < answer.pagine) {
    const next = node("a", "altri", "Altri annunci");
    next.href = `/cerca?zona=${zone}&pagina=${answer.pagina + 1}`;
    app.append(next);
  }
  app.dataset.pronto = "elenco";
})();
